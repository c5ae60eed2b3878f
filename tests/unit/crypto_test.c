/* lib/crypto.h, lib/gz.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/util.h"
#include "lib/crypto.h"
#include "lib/gz.h"

/* RFC 4231, test cases 1 to 4, 6 and 7 (5 is about truncation): "N*XX" stands for N bytes of one value. */
static const struct row {
    const char *key, *data, *mac;
} rows[] = {
    {"20*0b", "4869205468657265", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"20*aa", "50*dd", "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {"0102030405060708090a0b0c0d0e0f10111213141516171819", "50*cd",
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {"131*aa",
     "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {"131*aa",
     "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a65206b657920616e6420612"
     "06c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565647320746f20626520686173686564"
     "206265666f7265206265696e6720757365642062792074686520484d414320616c676f726974686d2e",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    /* neither key nor data */
    {"", "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
};

static void bytes_read(const char *text, struct ps_buf *out)
{
    unsigned times, byte;
    if (sscanf(text, "%u*%2x", &times, &byte) == 2) {
        for (unsigned i = 0; i < times; i++)
            (void)ps_buf_append_char(out, (char)byte);
        return;
    }
    for (; *text; text += 2) {
        assert_int_equal(sscanf(text, "%2x", &byte), 1);
        (void)ps_buf_append_char(out, (char)byte);
    }
}

static void test_hmac(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        _cleanup_(ps_buf_done) struct ps_buf key = {.max = 1024}, data = {.max = 1024}, hex = {.max = 1024};
        bytes_read(rows[i].key, &key);
        bytes_read(rows[i].data, &data);
        uint8_t mac[PS_HMAC_LEN];
        assert_int_equal(ps_hmac_sha256(ps_buf_slice(&key), ps_buf_slice(&data), mac), 0);
        (void)ps_buf_append_hex(&hex, mac, sizeof mac);
        assert_string_equal(ps_buf_cstr(&hex), rows[i].mac);
    }
}

static void test_failure_leaves_ret_alone(void **state)
{
    (void)state;
    uint8_t mac[PS_HMAC_LEN], before[PS_HMAC_LEN];
    memset(mac, 7, sizeof mac);
    memset(before, 7, sizeof before);
    ps_fault_arm(PS_FAULT_MALLOC, 1, ENOMEM);
    assert_int_equal(ps_hmac_sha256(PS_SLICE("key"), PS_SLICE("data"), mac), -EIO);
    assert_memory_equal(mac, before, sizeof mac);
    ps_fault_arm(PS_FAULT_MALLOC, 1, ENOMEM);
    assert_int_equal(ps_random_bytes(mac, sizeof mac), -EIO);
    ps_fault_arm(PS_FAULT_MALLOC, 0, 0);
}

static void test_random(void **state)
{
    (void)state;
    uint8_t a[32] = {0}, b[32] = {0};
    assert_int_equal(ps_random_bytes(a, sizeof a), 0);
    assert_int_equal(ps_random_bytes(b, sizeof b), 0);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(ps_random_bytes(a, 0), 0);
}

static void test_crc32(void **state)
{
    (void)state;
    assert_int_equal(ps_crc32((struct ps_slice){0}), 0);
    assert_int_equal(ps_crc32(PS_SLICE("123456789")), 0xCBF43926); /* the check value of the algorithm's definition */
    assert_int_equal(ps_crc32(PS_SLICE("a")), 0xE8B7BE43);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hmac),
        cmocka_unit_test(test_failure_leaves_ret_alone),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_crc32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
