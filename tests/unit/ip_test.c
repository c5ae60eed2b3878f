#include "base/ip.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/util.h"
#include "support/guard.h"

enum { TEXT_MAX = 64, GENERATED = 200000 };

static struct guard guard;

/* inet_pton as the oracle. An embedded NUL would end its text early, so no input here holds one. */
static bool oracle_parse(const char *text, struct ps_ip *ret)
{
    *ret = (struct ps_ip){0};
    if (inet_pton(AF_INET, text, ret->bytes) == 1) {
        ret->family = 4;
        return true;
    }
    if (inet_pton(AF_INET6, text, ret->bytes) == 1) {
        ret->family = 6;
        return true;
    }
    return false;
}

/* Returns whether it is an address. */
static bool check(const char *text)
{
    struct ps_ip want, got = {.family = 99};
    struct ps_slice s = guard_copy(&guard, ps_slice_from_str(text));
    bool valid = oracle_parse(text, &want);
    if (ps_ip_parse(s, &got) != valid || ps_ip_valid(s) != valid)
        fail_msg("'%s': inet_pton says %d", text, valid);
    if (!valid) {
        assert_int_equal(got.family, 99);
        return false;
    }
    assert_int_equal(got.family, want.family);
    assert_memory_equal(got.bytes, want.bytes, sizeof want.bytes);
    return true;
}

static void addresses_are_told_from_others(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool valid;
    } rows[] = {
        {"192.0.2.1", true},
        {"0.0.0.0", true},
        {"255.255.255.255", true},
        {"256.0.2.1", false},
        {"192.0.2", false},
        {"192.0.2.", false},
        {".192.0.2", false},
        {"192.0.2.1.", false},
        {"192.0.2.1.5", false},
        {"192.0..1", false},
        {"192.0.02.1", false},
        {"192.00.2.1", false},
        {"192.0.2.1 ", false},
        {" 192.0.2.1", false},
        {"192.0.2.+1", false},
        {"192.0.2.1/24", false},
        {"99999999999999999999.0.2.1", false},
        {"0x1.0.2.1", false},
        {"1", false},
        {"", false},
        {"unknown", false},
        {"::", true},
        {"::1", true},
        {"1::", true},
        {"2001:db8::1", true},
        {"2001:DB8::aBcD", true},
        {"2001:db8:0:0:0:0:0:1", true},
        {"2001:0db8:0000:0000:0000:0000:0000:0001", true},
        {"1:2:3:4:5:6:7::", true},
        {"::2:3:4:5:6:7:8", true},
        {"1:2:3:4:5:6:7:8::", false},
        {"::1:2:3:4:5:6:7:8", false},
        {"1:2:3:4::5:6:7:8", false},
        {"1:2:3:4:5:6:7", false},
        {"1:2:3:4:5:6:7:8:9", false},
        {"1:2:3:4:5:6:7:", false},
        {":1:2:3:4:5:6:7", false},
        {":", false},
        {":::", false},
        {"1:::2", false},
        {"1::2::3", false},
        {"2001:db8::12345", false},
        {"2001:db8::g", false},
        {"2001:db8::1%eth0", false},
        {"[2001:db8::1]", false},
        {"IPv6:2001:db8::1", false},
        {"::ffff:192.0.2.1", true},
        {"::192.0.2.1", true},
        {"1:2:3:4:5:6:192.0.2.1", true},
        {"1:2:3:4:5:6:7:192.0.2.1", false},
        {"1:2:3:4:5:192.0.2.1", false},
        {"1:2:3:4:5:6::192.0.2.1", false},
        {"::192.0.2.1:1", false},
        {"::ffff:192.0.2", false},
        {"::ffff:192.0.02.1", false},
        {"::ffff:1922.0.2.1", false},
        {"192.0.2.1::", false},
        {"2001:db8::1\xff", false},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++)
        if (check(rows[i].text) != rows[i].valid)
            fail_msg("'%s'", rows[i].text);
    assert_false(ps_ip_valid((struct ps_slice){NULL, 0}));
    assert_false(ps_ip_valid(guard_copy(&guard, PS_SLICE("192.0.2.1\0"))));
    assert_false(ps_ip_valid(guard_copy(&guard, PS_SLICE("::1\0"))));
}

static uint64_t random_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static unsigned random_below(uint64_t *seed, unsigned n)
{
    return (unsigned)(random_next(seed) >> 33) % n;
}

/* A text form of a random address, with many zero groups. */
static void address_make(uint64_t *seed, char text[TEXT_MAX])
{
    uint8_t bytes[16];
    for (size_t i = 0; i < sizeof bytes; i += 2) {
        bool zero = random_below(seed, 2);
        bytes[i] = zero ? 0 : (uint8_t)random_next(seed);
        bytes[i + 1] = zero ? 0 : (uint8_t)random_next(seed);
    }
    switch (random_below(seed, 4)) {
    case 0:
        assert_non_null(inet_ntop(AF_INET, bytes, text, TEXT_MAX));
        break;
    case 1: { /* all groups, leading zeros */
        int n = 0;
        for (size_t i = 0; i < sizeof bytes; i += 2)
            n += snprintf(text + n, TEXT_MAX - (size_t)n, "%s%02x%02X", i ? ":" : "", bytes[i], bytes[i + 1]);
        break;
    }
    case 2: { /* an IPv4 tail */
        char v4[INET_ADDRSTRLEN];
        assert_non_null(inet_ntop(AF_INET, bytes, v4, sizeof v4));
        (void)snprintf(text, TEXT_MAX, "%s%s", random_below(seed, 2) ? "::ffff:" : "64:ff9b::", v4);
        break;
    }
    default:
        assert_non_null(inet_ntop(AF_INET6, bytes, text, TEXT_MAX));
    }
}

/* Drops, doubles or replaces one byte. */
static void mutate(uint64_t *seed, char text[TEXT_MAX])
{
    static const char alphabet[] = "0123456789abcdefABCDEFg::::....% ";
    size_t n = strlen(text);
    size_t at = random_below(seed, (unsigned)n + 1);
    char c = alphabet[random_below(seed, sizeof alphabet - 1)];
    switch (random_below(seed, 3)) {
    case 0:
        if (at < n)
            memmove(text + at, text + at + 1, n - at);
        break;
    case 1:
        if (n + 2 < TEXT_MAX) {
            memmove(text + at + 1, text + at, n + 1 - at);
            text[at] = c;
        }
        break;
    default:
        if (at < n)
            text[at] = c;
    }
}

static void generated_inputs_agree_with_inet_pton(void **state)
{
    (void)state;
    uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);
    unsigned valid = 0, total = 0;
    for (int i = 0; i < GENERATED; i++) {
        char text[TEXT_MAX];
        address_make(&seed, text);
        assert_true(check(text));
        for (int m = 0; m < 3; m++) {
            mutate(&seed, text);
            valid += check(text);
            total++;
        }
    }
    /* Both answers must have been put to the test. */
    assert_true(valid > total / 10);
    assert_true(valid < total / 10 * 9);
}

static void networks_are_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int prefix; /* negative: no network */
    } rows[] = {
        {"192.0.2.0/24", 24},
        {"192.0.2.1", 32},
        {"192.0.2.1/32", 32},
        {"0.0.0.0/0", 0},
        {"192.0.2.128/25", 25},
        {"2001:db8::/32", 32},
        {"2001:db8::1", 128},
        {"::/0", 0},
        {"2001:db8::1/128", 128},
        {"192.0.2.1/24", -1},
        {"192.0.2.128/24", -1},
        {"128.0.0.0/0", -1},
        {"2001:db8::1/64", -1},
        {"2001:db8::/31", 31},
        {"2001:db9::/31", -1},
        {"192.0.2.0/33", -1},
        {"2001:db8::/129", -1},
        {"192.0.2.0/", -1},
        {"192.0.2.0/024", -1},
        {"192.0.2.0/24 ", -1},
        {"192.0.2.0/+24", -1},
        {"192.0.2.0/24/24", -1},
        {"192.0.2/24", -1},
        {"/24", -1},
        {"", -1},
        {"example.org", -1},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        struct ps_network net = {.prefix = 77};
        bool found = ps_network_parse(guard_copy(&guard, ps_slice_from_str(rows[i].text)), &net);
        if (found != (rows[i].prefix >= 0))
            fail_msg("'%s'", rows[i].text);
        assert_int_equal(net.prefix, found ? rows[i].prefix : 77);
    }
}

static void networks_contain_their_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *network, *ip;
        bool contains;
    } rows[] = {
        {"192.0.2.0/24", "192.0.2.0", true},
        {"192.0.2.0/24", "192.0.2.255", true},
        {"192.0.2.0/24", "192.0.3.0", false},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"192.0.2.128/25", "192.0.2.128", true},
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.0", false},
        {"0.0.0.0/0", "203.0.113.9", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"0.0.0.0/0", "::ffff:203.0.113.9", true},
        {"192.0.2.0/24", "::ffff:192.0.2.9", true},
        {"192.0.2.0/24", "::ffff:192.0.3.9", false},
        {"192.0.2.0/24", "::192.0.2.9", false},
        {"::ffff:192.0.2.0/120", "::ffff:192.0.2.9", true},
        {"::ffff:192.0.2.0/120", "192.0.2.9", false},
        {"2001:db8::/32", "2001:db8:ffff::1", true},
        {"2001:db8::/32", "2001:db9::1", false},
        {"2001:db8::/33", "2001:db8:8000::", false},
        {"2001:db8::/33", "2001:db8:7fff::", true},
        {"2001:db8::1", "2001:db8::1", true},
        {"2001:db8::1", "2001:db8::2", false},
        {"::/0", "2001:db8::1", true},
        {"::/0", "192.0.2.1", false},
    };
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        struct ps_network net;
        struct ps_ip ip;
        assert_true(ps_network_parse(ps_slice_from_str(rows[i].network), &net));
        assert_true(ps_ip_parse(ps_slice_from_str(rows[i].ip), &ip));
        if (ps_network_contains(&net, &ip) != rows[i].contains)
            fail_msg("%s in %s", rows[i].ip, rows[i].network);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_told_from_others),
        cmocka_unit_test(generated_inputs_agree_with_inet_pton),
        cmocka_unit_test(networks_are_read_strictly),
        cmocka_unit_test(networks_contain_their_addresses),
    };
    guard_open(&guard, TEXT_MAX);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    guard_close(&guard);
    return failed;
}
