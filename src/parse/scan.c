#include "parse/scan.h"

#include "base/ip.h"

enum {
    IS_DIGIT = 1 << 0,
    IS_HEX_UPPER = 1 << 1,
    IS_BASE52 = 1 << 2,
    IS_WORD = 1 << 3,
    IS_IP = 1 << 4,
    IS_TOKEN_END = 1 << 5,
    IS_HOST_END = 1 << 6
};

/* The sets that a byte belongs to. */
static unsigned char sets_of(unsigned char c)
{
    static const unsigned char table[256] = {
        ['0' ... '9'] = IS_DIGIT | IS_HEX_UPPER | IS_BASE52 | IS_WORD | IS_IP,
        ['A'] = IS_HEX_UPPER | IS_WORD | IS_IP,
        ['B' ... 'D'] = IS_HEX_UPPER | IS_BASE52 | IS_WORD | IS_IP,
        ['E'] = IS_HEX_UPPER | IS_WORD | IS_IP,
        ['F'] = IS_HEX_UPPER | IS_BASE52 | IS_WORD | IS_IP,
        ['G' ... 'H'] = IS_BASE52 | IS_WORD,
        ['I'] = IS_WORD,
        ['J' ... 'N'] = IS_BASE52 | IS_WORD,
        ['O'] = IS_WORD,
        ['P' ... 'T'] = IS_BASE52 | IS_WORD,
        ['U'] = IS_WORD,
        ['V' ... 'Z'] = IS_BASE52 | IS_WORD,
        ['a'] = IS_WORD | IS_IP,
        ['b' ... 'd'] = IS_BASE52 | IS_WORD | IS_IP,
        ['e'] = IS_WORD | IS_IP,
        ['f'] = IS_BASE52 | IS_WORD | IS_IP,
        ['g' ... 'h'] = IS_BASE52 | IS_WORD,
        ['i'] = IS_WORD,
        ['j' ... 'n'] = IS_BASE52 | IS_WORD,
        ['o'] = IS_WORD,
        ['p' ... 't'] = IS_BASE52 | IS_WORD,
        ['u'] = IS_WORD,
        ['v' ... 'z'] = IS_BASE52 | IS_WORD,
        ['.'] = IS_WORD | IS_IP,
        [':'] = IS_IP,
        ['_'] = IS_WORD,
        ['/'] = IS_WORD,
        ['+'] = IS_WORD,
        ['-'] = IS_WORD,
        ['@'] = IS_WORD,
        [' '] = IS_TOKEN_END | IS_HOST_END,
        ['\t'] = IS_TOKEN_END | IS_HOST_END,
        [','] = IS_TOKEN_END | IS_HOST_END,
        [';'] = IS_HOST_END,
        ['('] = IS_HOST_END,
        [')'] = IS_HOST_END,
        ['<'] = IS_HOST_END,
        ['>'] = IS_HOST_END,
        ['['] = IS_HOST_END,
        [']'] = IS_HOST_END,
    };
    return table[c];
}

static size_t run_of(struct ps_slice s, unsigned char set)
{
    size_t i = 0;
    while (i < s.n && sets_of((unsigned char)s.p[i]) & set)
        i++;
    return i;
}

size_t ps_scan_int(struct ps_slice s)
{
    size_t n = run_of(s, IS_DIGIT);
    return n > 18 || (n > 1 && s.p[0] == '0') ? 0 : n;
}

size_t ps_scan_float(struct ps_slice s)
{
    size_t whole = ps_scan_int(s);
    if (whole == 0 || whole == s.n || s.p[whole] != '.')
        return whole;
    size_t fraction = run_of(ps_slice_after(s, whole + 1), IS_DIGIT);
    return fraction == 0 || fraction > 17 ? 0 : whole + 1 + fraction;
}

size_t ps_scan_ip(struct ps_slice s)
{
    size_t n = run_of(s, IS_IP);
    if (n > 1 && s.p[n - 1] == ':' && s.p[n - 2] != ':') /* of the text behind it */
        n--;
    return ps_ip_valid((struct ps_slice){s.p, n}) ? n : 0;
}

size_t ps_scan_code(struct ps_slice s)
{
    size_t n = 0;
    for (int part = 0; part < 3; part++) {
        size_t digits = run_of(ps_slice_after(s, n), IS_DIGIT);
        if (digits == 0 || digits > 3)
            return 0;
        n += digits;
        if (part < 2) {
            if (n == s.n || s.p[n] != '.')
                return 0;
            n++;
        }
    }
    return n;
}

size_t ps_scan_word(struct ps_slice s)
{
    return run_of(s, IS_WORD);
}

static size_t run_without(struct ps_slice s, unsigned char set)
{
    size_t i = 0;
    while (i < s.n && !(sets_of((unsigned char)s.p[i]) & set))
        i++;
    return i;
}

size_t ps_scan_token(struct ps_slice s)
{
    return run_without(s, IS_TOKEN_END);
}

size_t ps_scan_host(struct ps_slice s)
{
    return run_without(s, IS_HOST_END);
}

size_t ps_scan_queue_id(struct ps_slice s)
{
    enum { SHORT_MIN = 6, LONG_MIN = 12, LONG_Z = 10 };
    size_t n = run_of(s, IS_HEX_UPPER);
    if (n >= SHORT_MIN && (n == s.n || !(sets_of((unsigned char)s.p[n]) & IS_WORD)))
        return n;
    n = run_of(s, IS_BASE52);
    if (n >= LONG_MIN && s.p[LONG_Z] == 'z')
        return n;
    const struct ps_slice none = PS_SLICE("NOQUEUE");
    return ps_slice_starts(s, none) ? none.n : 0;
}

bool ps_scan_address(struct ps_slice s, size_t *ret_n)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '>') {
            *ret_n = i;
            return true;
        }
        if (s.p[i] != '"')
            continue;
        /* A quoted string, where it ends; a lone quote stands for itself. */
        size_t end = i + 1;
        while (end < s.n && s.p[end] != '"')
            end += s.p[end] == '\\' ? 2 : 1;
        if (end < s.n)
            i = end;
    }
    return false;
}
