#include "integrations/backup/archive/deflater.h"

#include <zlib.h>

namespace hubkeep::backup {
namespace {

class ZlibDeflater final : public Deflater
{
public:
    ZlibDeflater()
    {
        deflateInit2(&m_deflate, 1, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY);
        inflateInit2(&m_inflate, -MAX_WBITS);
    }
    ~ZlibDeflater() override
    {
        deflateEnd(&m_deflate);
        inflateEnd(&m_inflate);
    }
    ZlibDeflater(const ZlibDeflater &) = delete;
    ZlibDeflater &operator=(const ZlibDeflater &) = delete;

    size_t pack(std::span<const char> input, std::span<char> output) override
    {
        deflateReset(&m_deflate);
        m_deflate.next_in = bytes(input.data());
        m_deflate.avail_in = uInt(input.size());
        m_deflate.next_out = bytes(output.data());
        m_deflate.avail_out = uInt(output.size());
        const int status = ::deflate(&m_deflate, Z_FULL_FLUSH);
        // With no room left there may be more to come, so a full buffer is a failure.
        if (status != Z_OK || m_deflate.avail_in != 0 || m_deflate.avail_out == 0)
            return 0;
        return output.size() - m_deflate.avail_out;
    }

    bool unpack(std::span<const char> packed, std::span<char> output) override
    {
        inflateReset(&m_inflate);
        m_inflate.next_in = bytes(packed.data());
        m_inflate.avail_in = uInt(packed.size());
        m_inflate.next_out = bytes(output.data());
        m_inflate.avail_out = uInt(output.size());
        int status = ::inflate(&m_inflate, Z_SYNC_FLUSH);
        if (m_inflate.avail_out != 0)
            return false;
        // The output is full: what is left may only be the flush at the end. One byte of
        // room more shows whether it would have made another byte.
        char excess = 0;
        m_inflate.next_out = bytes(&excess);
        m_inflate.avail_out = 1;
        if (status == Z_OK && m_inflate.avail_in != 0)
            status = ::inflate(&m_inflate, Z_SYNC_FLUSH);
        // Bit 7 of data_type: at a block's end; bit 6: in the last block; the rest: unused bits.
        const bool atBlockEnd = (m_inflate.data_type & 128) != 0 && (m_inflate.data_type & 64) == 0;
        return (status == Z_OK || status == Z_BUF_ERROR) && m_inflate.avail_in == 0
            && m_inflate.avail_out == 1 && atBlockEnd;
    }

    uint32_t crc32(uint32_t seed, std::span<const char> data) const override
    {
        return uint32_t(::crc32_z(seed, bytes(data.data()), data.size()));
    }

private:
    static Bytef *bytes(const char *p) { return reinterpret_cast<Bytef *>(const_cast<char *>(p)); }

    z_stream m_deflate {};
    z_stream m_inflate {};
};

} // namespace

std::unique_ptr<Deflater> makeZlibDeflater()
{
    return std::make_unique<ZlibDeflater>();
}

Deflater &threadDeflater()
{
#ifdef HUBKEEP_WITH_ISAL
    thread_local const std::unique_ptr<Deflater> deflater = makeIsalDeflater();
#else
    thread_local const std::unique_ptr<Deflater> deflater = makeZlibDeflater();
#endif
    return *deflater;
}

uint32_t combineCrc32(uint32_t first, uint32_t second, int64_t secondSize)
{
    return uint32_t(::crc32_combine(first, second, z_off_t(secondSize)));
}

} // namespace hubkeep::backup
