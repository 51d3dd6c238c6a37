// ctest: slow
#include "tests/support/rcloneplace.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::test;

class TestRcloneS3 : public AgentSuite
{
    Q_OBJECT

    std::unique_ptr<StorageServer> m_server;

    std::unique_ptr<AgentPlace> makePlace() override
    {
        return std::make_unique<RclonePlace>(*m_server);
    }

private slots:
    void initTestCase()
    {
        m_server = StorageServer::s3();
        if (!m_server)
            QSKIP("s3rver was not fetched here");
    }
    void cleanupTestCase() { m_server.reset(); }
};

QTEST_GUILESS_MAIN(TestRcloneS3)
#include "tst_rclones3.moc"
