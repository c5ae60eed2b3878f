/* transform/remote_id.h: the queue id in the reply of a server that took a message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/util.h"
#include "support/guard.h"
#include "transform/remote_id.h"

static const struct {
    const char *response;
    const char *id; /* "": none */
} replies[] = {
    {"Ok: queued as 4WxYz12345z3Q", "4WxYz12345z3Q"},
    {"from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4ABCDEF099", "4ABCDEF099"},
    {"OK id=1tABCD-00000001AbC-2xyZ", "1tABCD-00000001AbC-2xyZ"},
    {"OK  1795305459 a640c23a62f3a-abcd1234si123456.78 - gsmtp", "a640c23a62f3a-abcd1234si123456.78"},
    {"<x@example.org> [InternalId=123456, Hostname=EX1.example.net] 12 bytes in 0.1, 9 KB/sec Queued mail for delivery",
     "123456"},
    {"5ALMvdA1012345 Message accepted for delivery", "5ALMvdA1012345"},
    {"ok 1795305459 qp 12345", "12345"},
    /* a message id is the sender's */
    {"<x [InternalId=9, y> [InternalId=123, Hostname=EX1.example.net] Queued mail for delivery", "123"},
    {"<queued as 4ABC> [InternalId=123, Hostname=EX1.example.net] Queued mail for delivery", "123"},
    /* not in its place */
    {"Ok: queued as 4ABC, thanks", ""},
    {"Ok: queued as a@example.org", ""},
    {"Ok: queued as ", ""},
    {"Ok: queued as", ""},
    {"not OK id=1tABCD-000-2x", ""},
    {"OK id=", ""},
    {"OK  1795305459 a@example.org - gsmtp", ""},
    {"OK - gsmtp", ""},
    {" - gsmtp", ""},
    {"Message accepted for delivery", ""},
    {" Message accepted for delivery", ""},
    {"a b Message accepted for delivery", ""},
    {"[InternalId=123", ""},
    {"x [InternalId=123", ""},
    {"Ok", ""},
    {"", ""},
};

static void id_stands_in_its_place(void **state)
{
    (void)state;
    struct guard guard;
    guard_open(&guard, 4096);
    for (size_t i = 0; i < PS_COUNT(replies); i++) {
        struct ps_slice id = ps_remote_id_find(guard_copy(&guard, ps_slice_from_str(replies[i].response)));
        if (!ps_slice_equal(id, ps_slice_from_str(replies[i].id)))
            fail_msg("%s: has %.*s", replies[i].response, (int)id.n, id.p);
    }
    guard_close(&guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(id_stands_in_its_place)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
