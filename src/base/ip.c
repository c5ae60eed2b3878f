#include "base/ip.h"

enum { IPV4_BYTES = 4, IPV6_BYTES = 16, IPV4_TEXT_MAX = 15, IPV6_TEXT_MIN = 2, IPV6_TEXT_MAX = 45 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool ipv4_read(struct ps_slice s, uint8_t bytes[IPV4_BYTES])
{
    unsigned v = 0, digits = 0;
    int n = 0;
    if (s.n > IPV4_TEXT_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (is_digit(s.p[i])) {
            if (digits && v == 0)
                return false; /* a leading zero */
            v = v * 10 + (unsigned)(s.p[i] - '0');
            digits++;
            if (v > 255)
                return false;
        } else {
            if (s.p[i] != '.' || digits == 0 || n == IPV4_BYTES - 1)
                return false;
            bytes[n++] = (uint8_t)v;
            v = digits = 0;
        }
    }
    bytes[n] = (uint8_t)v;
    return digits && n == IPV4_BYTES - 1;
}

static bool ipv6_read(struct ps_slice s, uint8_t bytes[IPV6_BYTES])
{
    int n = 0;     /* bytes read */
    int gap = -1;  /* how many of them stand before the "::" */
    size_t at = 0; /* where a group may start */

    if (s.n < IPV6_TEXT_MIN || s.n > IPV6_TEXT_MAX)
        return false;
    if (s.p[0] == ':') {
        if (s.p[1] != ':')
            return false;
        gap = 0;
        at = 2;
    }
    while (at < s.n) {
        unsigned v = 0;
        size_t i = at;
        for (int d; i < s.n && i - at < 4 && (d = hex_digit(s.p[i])) >= 0; i++)
            v = v << 4 | (unsigned)d;
        if (i == at || n == IPV6_BYTES)
            return false;
        if (i < s.n && s.p[i] == '.') { /* the last 32 bits as IPv4 */
            if (n > IPV6_BYTES - IPV4_BYTES || !ipv4_read(ps_slice_after(s, at), bytes + n))
                return false;
            n += IPV4_BYTES;
            break;
        }
        bytes[n++] = (uint8_t)(v >> 8);
        bytes[n++] = (uint8_t)v;
        if (i == s.n)
            break;
        if (s.p[i] != ':' || i + 1 == s.n)
            return false;
        at = i + 1;
        if (s.p[at] == ':') {
            if (gap >= 0)
                return false;
            gap = n;
            at++;
        }
    }
    if (gap < 0)
        return n == IPV6_BYTES;
    if (n == IPV6_BYTES)
        return false; /* "::" stands for one group at least */
    int tail = n - gap;
    memmove(bytes + IPV6_BYTES - tail, bytes + gap, (size_t)tail);
    memset(bytes + gap, 0, (size_t)(IPV6_BYTES - n));
    return true;
}

bool ps_ip_parse(struct ps_slice s, struct ps_ip *ret)
{
    struct ps_ip v4 = {.family = 4}, v6 = {.family = 6};
    if (ipv4_read(s, v4.bytes))
        *ret = v4;
    else if (ipv6_read(s, v6.bytes))
        *ret = v6;
    else
        return false;
    return true;
}

bool ps_ip_valid(struct ps_slice s)
{
    uint8_t bytes[IPV6_BYTES];
    return ipv4_read(s, bytes) || ipv6_read(s, bytes);
}

static int ip_bits(const struct ps_ip *ip)
{
    return ip->family == 6 ? 8 * IPV6_BYTES : 8 * IPV4_BYTES;
}

static bool prefix_equal(const uint8_t *a, const uint8_t *b, int bits)
{
    size_t whole = (size_t)bits / 8;
    int rest = bits % 8;
    return memcmp(a, b, whole) == 0 && (rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

/* One to three digits without leading zeros, or a negative number. */
static int prefix_read(struct ps_slice s)
{
    int v = 0;
    if (s.n < 1 || s.n > 3 || (s.n > 1 && s.p[0] == '0'))
        return -1;
    for (size_t i = 0; i < s.n; i++) {
        if (!is_digit(s.p[i]))
            return -1;
        v = v * 10 + (s.p[i] - '0');
    }
    return v;
}

bool ps_network_parse(struct ps_slice s, struct ps_network *ret)
{
    const char *slash = s.n ? memchr(s.p, '/', s.n) : NULL;
    struct ps_network net;
    if (!ps_ip_parse(slash ? ps_slice_make(s.p, (size_t)(slash - s.p)) : s, &net.address))
        return false;
    int bits = ip_bits(&net.address), prefix = bits;
    if (slash) {
        prefix = prefix_read(ps_slice_after(s, (size_t)(slash - s.p) + 1));
        if (prefix < 0 || prefix > bits)
            return false;
    }
    for (int bit = prefix; bit < bits; bit++)
        if (net.address.bytes[bit / 8] >> (7 - bit % 8) & 1)
            return false; /* a host bit */
    net.prefix = (uint8_t)prefix;
    *ret = net;
    return true;
}

bool ps_network_contains(const struct ps_network *net, const struct ps_ip *ip)
{
    static const uint8_t mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const uint8_t *bytes = ip->bytes;
    if (net->address.family != ip->family) {
        if (ip->family != 6 || memcmp(bytes, mapped, sizeof mapped) != 0)
            return false;
        bytes += sizeof mapped;
    }
    return prefix_equal(net->address.bytes, bytes, net->prefix);
}
