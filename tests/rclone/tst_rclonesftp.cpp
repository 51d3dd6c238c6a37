// ctest: slow
#include "tests/support/rcloneplace.h"

#include <QtTest>

using namespace hubkeep;
using namespace hubkeep::test;

class TestRcloneSftp : public AgentSuite
{
    Q_OBJECT

    std::unique_ptr<StorageServer> m_server;

    std::unique_ptr<AgentPlace> makePlace() override
    {
        return std::make_unique<RclonePlace>(*m_server);
    }

private slots:
    void initTestCase() { m_server = StorageServer::sftp(); }
    void cleanupTestCase() { m_server.reset(); }
};

QTEST_GUILESS_MAIN(TestRcloneSftp)
#include "tst_rclonesftp.moc"
