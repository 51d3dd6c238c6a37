// ctest: slow
#include "tests/support/rcloneplace.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::test;

class TestRcloneAzure : public AgentSuite
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
        m_server = StorageServer::azure();
        if (!m_server)
            QSKIP("azurite was not fetched here");
    }
    void cleanupTestCase() { m_server.reset(); }
};

QTEST_GUILESS_MAIN(TestRcloneAzure)
#include "tst_rcloneazure.moc"
