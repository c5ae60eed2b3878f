/* base/siphash.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/siphash.h"
#include "base/util.h"
#include "support/guard.h"

/* The reference vectors of SipHash-2-4-128: key 00 01 … 0f, input 00 01 02 … of that length; up to 63 bytes as the
 * authors publish them, the longer ones by OpenSSL's implementation. The first 8 bytes of the input are the prefix. */
static const struct row {
    size_t n;
    const char *hash;
} rows[] = {
    {8, "3b62a9ba6258f5610f83e264f31497b4"},   {9, "264499060ad9baabc47f8b02bb6d71ed"},
    {10, "00110dc378146956c95447d3f3d0fbba"},  {11, "0151c568386b6677a2b4dc6f81e5dc18"},
    {12, "d626b266905ef35882634df68532c125"},  {13, "9869e247e9c08b10d029934fc4b952f7"},
    {14, "31fcefac66d7de9c7ec7485fe4494902"},  {15, "5493e99933b0a8117e08ec0f97cfc3d9"},
    {16, "6ee2a4ca67b054bbfd3315bf85230577"},  {17, "473d06e8738db89854c066c47ae47740"},
    {18, "a426e5e423bf4885294da481feaef723"},  {19, "78017731cf65fab074d5208952512eb1"},
    {20, "9e25fc833f2290733e9344a5e83839eb"},  {21, "568e495abe525a218a2214cd3e071d12"},
    {22, "4a29b54552d16b9a469c10528eff0aae"},  {23, "c9d184ddd5a9f5e0cf8ce29a9abf691c"},
    {24, "2db479ae78bd50d8882a8a178a6132ad"},  {25, "8ece5f042d5e447b5051b9eacb8d8f6f"},
    {26, "9c0b53b4b3c307e87eaee08678141f66"},  {27, "abf248af69a6eae4bfd3eb2f129eeb94"},
    {28, "0664da1668574b88b935f3027358aef4"},  {29, "aa4b9dc4bf337de90cd4fd3c467c6ab7"},
    {30, "ea5c7f471faf6bde2b1ad7d4686d2287"},  {31, "2939b0183223fafc1723de4f52c43d35"},
    {32, "7c3956ca5eeafc3e363e9d556546eb68"},  {33, "77c6077146f01c32b6b69d5f4ea9ffcf"},
    {34, "37a6986cb8847edf0925f0f1309b54de"},  {35, "a705f0e69da9a8f907241a2e923c8cc8"},
    {36, "3dc47d1f29c448461e9e76ed904f6711"},  {37, "0d62bf01e6fc0e1a0d3c4751c5d3692b"},
    {38, "8c03468bca7c669ee4fd5e084bbee7b5"},  {39, "528a5bb93baf2c9c4473cce5d0d22bd9"},
    {40, "df6a301e95c95dad97ae0cc8c6913bd8"},  {41, "801189902c857f39e73591285e70b6db"},
    {42, "e617346ac9c231bb3650ae34ccca0c5b"},  {43, "27d93437efb721aa401821dcec5adf89"},
    {44, "89237d9ded9c5e78d8b1c9b166cc7342"},  {45, "4a6d8091bf5e7d651189fa94a250b14c"},
    {46, "0e33f96055e7ae893ffc0e3dcf492902"},  {47, "e61c432b720b19d18ec8d84bdc63151b"},
    {48, "f7e5aef549f782cf379055a608269b16"},  {49, "438d030fd0b7a54fa837f2ad201a6403"},
    {50, "a590d3ee4fbf04e3247e0d27f286423f"},  {51, "5fe2c1a172fe93c4b15cd37caef9f538"},
    {52, "2c97325cbd06b36eb2133dd08b3a017c"},  {53, "92c814227a6bca949ff0659f002ad39e"},
    {54, "dce850110bd8328cfbd50841d6911d87"},  {55, "67f14984c7da791248e32bb5922583da"},
    {56, "1938f2cf72d54ee97e94166fa91d2a36"},  {57, "74481e9646ed49fe0f6224301604698e"},
    {58, "57fca5de98a9d6d8006438d0583d8a1d"},  {59, "9fecde1cefdc1cbed4763674d9575359"},
    {60, "e3040c00eb28f15366ca73cbd872e740"},  {61, "7697009a6a831dfecca91c5993670f7a"},
    {62, "5853542321f567a005d547a4f04759bd"},  {63, "5150d1772f50834a503e069a973fbd7c"},
    {158, "925bbd0df999418644a9d286e60b8a66"}, {300, "ce005a406d14b36d5386b5f7a7e1b311"},
};

static void test_reference(void **state)
{
    (void)state;
    struct guard g;
    guard_open(&g, 512);
    uint8_t key[16];
    char input[512];
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)i;
    for (size_t i = 0; i < sizeof input; i++)
        input[i] = (char)i;

    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        struct ps_slice data = guard_copy(&g, ps_slice_make(input + 8, rows[i].n - 8));
        uint8_t hash[PS_SIPHASH_LEN];
        ps_siphash128(key, UINT64_C(0x0706050403020100), data, hash);
        struct ps_buf hex = {.max = 64};
        (void)ps_buf_append_hex(&hex, hash, sizeof hash);
        assert_string_equal(ps_buf_cstr(&hex), rows[i].hash);
        ps_buf_done(&hex);
    }
    guard_close(&g);
}

/* Key, prefix and data all count. */
static void test_each_part_counts(void **state)
{
    (void)state;
    uint8_t key[16] = {0}, first[PS_SIPHASH_LEN], other[PS_SIPHASH_LEN];
    ps_siphash128(key, 1, PS_SLICE("text"), first);
    ps_siphash128(key, 2, PS_SLICE("text"), other);
    assert_memory_not_equal(first, other, sizeof first);
    ps_siphash128(key, 1, PS_SLICE("texu"), other);
    assert_memory_not_equal(first, other, sizeof first);
    key[15] = 1;
    ps_siphash128(key, 1, PS_SLICE("text"), other);
    assert_memory_not_equal(first, other, sizeof first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference),
        cmocka_unit_test(test_each_part_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
