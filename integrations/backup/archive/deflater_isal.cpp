// Intel's ISA-L: igzip level 1 (https://github.com/intel/isa-l, include/igzip_lib.h).

#include "integrations/backup/archive/deflater.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include <vector>

namespace hubkeep::backup {
namespace {

class IsalDeflater final : public Deflater
{
public:
    IsalDeflater()
        : m_levelBuffer(ISAL_DEF_LVL1_DEFAULT)
    {
    }

    size_t pack(std::span<const char> input, std::span<char> output) override
    {
        isal_deflate_stateless_init(&m_deflate);
        m_deflate.level = 1;
        m_deflate.level_buf = m_levelBuffer.data();
        m_deflate.level_buf_size = uint32_t(m_levelBuffer.size());
        m_deflate.gzip_flag = IGZIP_DEFLATE;
        m_deflate.flush = FULL_FLUSH;
        m_deflate.end_of_stream = 0;
        m_deflate.next_in = bytes(input.data());
        m_deflate.avail_in = uint32_t(input.size());
        m_deflate.next_out = bytes(output.data());
        m_deflate.avail_out = uint32_t(output.size());
        if (isal_deflate_stateless(&m_deflate) != COMP_OK || m_deflate.avail_in != 0)
            return 0;
        return output.size() - m_deflate.avail_out;
    }

    bool unpack(std::span<const char> packed, std::span<char> output) override
    {
        isal_inflate_init(&m_inflate);
        m_inflate.crc_flag = ISAL_DEFLATE;
        m_inflate.next_in = bytes(packed.data());
        m_inflate.avail_in = uint32_t(packed.size());
        m_inflate.next_out = bytes(output.data());
        m_inflate.avail_out = uint32_t(output.size());
        if (isal_inflate(&m_inflate) != ISAL_DECOMP_OK || m_inflate.avail_out != 0)
            return false;
        // The output is full: what is left may only be the flush at the end. One byte of
        // room more shows whether it would have made another byte.
        char excess = 0;
        m_inflate.next_out = bytes(&excess);
        m_inflate.avail_out = 1;
        if (isal_inflate(&m_inflate) != ISAL_DECOMP_OK)
            return false;
        // It now waits for the next block's header, with nothing of it read.
        const bool betweenBlocks = m_inflate.block_state == ISAL_BLOCK_NEW_HDR
            || m_inflate.block_state == ISAL_BLOCK_HDR;
        return betweenBlocks && m_inflate.avail_out == 1 && m_inflate.avail_in == 0
            && m_inflate.read_in_length == 0 && m_inflate.tmp_in_size == 0;
    }

    uint32_t crc32(uint32_t seed, std::span<const char> data) const override
    {
        return crc32_gzip_refl(seed, bytes(data.data()), data.size());
    }

private:
    static uint8_t *bytes(const char *p)
    {
        return reinterpret_cast<uint8_t *>(const_cast<char *>(p));
    }

    isal_zstream m_deflate {};
    inflate_state m_inflate {};
    std::vector<uint8_t> m_levelBuffer;
};

} // namespace

std::unique_ptr<Deflater> makeIsalDeflater()
{
    return std::make_unique<IsalDeflater>();
}

} // namespace hubkeep::backup
