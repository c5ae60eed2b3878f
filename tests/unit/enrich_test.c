/* transform/enrich.h, lib/idn.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fault.h"
#include "base/ip.h"
#include "base/util.h"
#include "lib/idn.h"
#include "support/guard.h"
#include "transform/enrich.h"

/* cmocka's rows as text: NULL stands for "not there". */
static bool value_is(struct ps_slice v, const char *expected)
{
    return expected ? v.p && ps_slice_equal(v, ps_slice_from_str(expected)) : !v.p;
}

static const struct {
    struct ps_slice address;
    const char *domain;
} domains[] = {
    {PS_SLICE("user@example.org"), "example.org"},
    {PS_SLICE("USER@Example.ORG"), "example.org"},
    {PS_SLICE("user@sub_domain.x-1.example.org"), "sub_domain.x-1.example.org"},
    {PS_SLICE("a@b@example.org"), "example.org"},
    {PS_SLICE("@relay.example.net:user@example.org"), "example.org"},
    {PS_SLICE("\"a@b\"@example.org"), "example.org"},
    {PS_SLICE("\"a@b\\\"@c\"@example.org"), "example.org"},
    {PS_SLICE("\"\\\\\"@example.org"), "example.org"},
    {PS_SLICE("user@[192.0.2.7]"), "[192.0.2.7]"},
    {PS_SLICE("user@[IPv6:2001:DB8::1]"), "[ipv6:2001:db8::1]"},
    {PS_SLICE("user@b\xC3\xBC"
              "cher.example"),
     "xn--bcher-kva.example"},
    {PS_SLICE("user@B\xC3\x9C"
              "CHER.Example"),
     "xn--bcher-kva.example"},
    {PS_SLICE("user@bu\xCC\x88"
              "cher.example"),
     "xn--bcher-kva.example"}, /* u and a combining diaeresis */
    {PS_SLICE("user@\xE4\xBE\x8B.example"), "xn--fsq.example"},
    {PS_SLICE("user@xn--bcher-kva.example"), "xn--bcher-kva.example"},
    /* none */
    {PS_SLICE(""), NULL}, /* the null sender */
    {PS_SLICE("user"), NULL},
    {PS_SLICE("user@"), NULL},
    {PS_SLICE("@"), NULL},
    {PS_SLICE("\"user@example.org\""), NULL},
    {PS_SLICE("\"user@example.org"), NULL},
    {PS_SLICE("user@exa mple.org"), NULL},
    {PS_SLICE("user@example.org>, relay=evil"), NULL},
    {PS_SLICE("user@a:b"), NULL},
    {PS_SLICE("user@a\0b"), NULL},
    {PS_SLICE("user@[192.0.2.7"), NULL},
    {PS_SLICE("user@["), NULL},
    {PS_SLICE("user@[]"), NULL},
    {PS_SLICE("user@[a b]"), NULL},
    {PS_SLICE("user@b\xFF"
              "cher.example"),
     NULL},
    {PS_SLICE("user@b\xC3\xBC"
              "cher .example"),
     NULL},
    {PS_SLICE("user@\xEF\xBC\x8F.example"), NULL}, /* a wide slash, which would become one */
};

static void test_domains(void **state)
{
    (void)state;
    struct guard g;
    guard_open(&g, 256);
    const struct ps_site site = {0};
    for (size_t i = 0; i < PS_COUNT(domains); i++) {
        struct ps_event ev;
        ps_event_init(&ev);
        struct ps_slice address = guard_copy(&g, domains[i].address);
        assert_true(ps_event_set(&ev, PS_F_FROM, address));
        assert_true(ps_event_set(&ev, PS_F_TO, address));
        ps_enrich(&site, &ev);
        if (!value_is(ps_event_get(&ev, PS_F_FROM_DOMAIN), domains[i].domain) ||
            !value_is(ps_event_get(&ev, PS_F_TO_DOMAIN), domains[i].domain))
            fail_msg("row %zu: %.*s", i, (int)ps_event_get(&ev, PS_F_TO_DOMAIN).n, ps_event_get(&ev, PS_F_TO_DOMAIN).p);
        assert_null(ps_event_get(&ev, PS_F_DIRECTION).p);
        ps_event_done(&ev);
    }
    guard_close(&g);
}

/* What is set already stays; a domain of any length is no harm. */
/* Of a value that ends nobody knows where, no domain is taken; of one in front of it, it is. */
static void test_ambiguous(void **state)
{
    (void)state;
    const struct ps_site site = {0};
    struct ps_event ev;
    ps_event_init(&ev);
    assert_true(ps_event_set(&ev, PS_F_FROM, PS_SLICE("a@example.net")));
    assert_true(ps_event_set(&ev, PS_F_TO, PS_SLICE("b@example.com, recipient=c@example.org")));
    assert_true(ps_event_put(&ev, PS_F_AMBIGUOUS, (struct ps_slice){0}));
    ps_enrich(&site, &ev);
    assert_true(value_is(ps_event_get(&ev, PS_F_FROM_DOMAIN), "example.net"));
    assert_true(value_is(ps_event_get(&ev, PS_F_TO_DOMAIN), NULL));
    ps_event_done(&ev);
}

static void test_domain_limits(void **state)
{
    (void)state;
    const struct ps_site site = {0};
    static const struct {
        size_t n;
        char fill;
        bool taken;
    } cases[] = {
        {255, 'a', true}, {256, 'a', false}, {100000, 'a', false}, {2 << 20, 'a', false}, {100000, '\xC3', false}};
    static char address[3 << 20];
    for (size_t i = 0; i < PS_COUNT(cases); i++) {
        struct ps_event ev;
        ps_event_init(&ev);
        address[0] = '@';
        memset(address + 1, cases[i].fill, cases[i].n);
        assert_true(ps_event_set(&ev, PS_F_TO, ps_slice_make(address, cases[i].n + 1)));
        assert_true(ps_event_set(&ev, PS_F_FROM, PS_SLICE("a@example.org")));
        assert_true(ps_event_set(&ev, PS_F_FROM_DOMAIN, PS_SLICE("kept")));
        ev.outcome = PS_OUTCOME_UNKNOWN;
        ev.kind = PS_K_REJECT;
        ps_enrich(&site, &ev);
        assert_int_equal(ps_event_get(&ev, PS_F_TO_DOMAIN).n, cases[i].taken ? cases[i].n : 0);
        assert_true(value_is(ps_event_get(&ev, PS_F_FROM_DOMAIN), "kept"));
        assert_int_equal(ev.outcome, PS_OUTCOME_UNKNOWN);
        ps_event_done(&ev);
    }
}

static const struct {
    enum ps_kind kind;
    const char *status;
    enum ps_outcome outcome;
} outcomes[] = {
    {PS_K_DELIVERY, "sent", PS_OUTCOME_SUCCESS},
    {PS_K_DELIVERY, "deliverable", PS_OUTCOME_SUCCESS},
    {PS_K_DELIVERY, "deferred", PS_OUTCOME_FAILURE},
    {PS_K_DELIVERY, "bounced", PS_OUTCOME_FAILURE},
    {PS_K_DELIVERY, "expired", PS_OUTCOME_FAILURE},
    {PS_K_DELIVERY, "undeliverable", PS_OUTCOME_FAILURE},
    {PS_K_DELIVERY, "sen", PS_OUTCOME_UNKNOWN},
    {PS_K_DELIVERY, NULL, PS_OUTCOME_UNKNOWN},
    {PS_K_REJECT, "sent", PS_OUTCOME_FAILURE}, /* only a delivery's status counts */
    {PS_K_CONNECT, NULL, PS_OUTCOME_SUCCESS},
    {PS_K_ACCEPTED, NULL, PS_OUTCOME_SUCCESS},
    {PS_K_QUEUED, NULL, PS_OUTCOME_SUCCESS},
    {PS_K_LOGIN, NULL, PS_OUTCOME_SUCCESS},
    {PS_K_SCREEN_PASS, NULL, PS_OUTCOME_SUCCESS},
    {PS_K_LOGIN_FAILED, NULL, PS_OUTCOME_FAILURE},
    {PS_K_TLS_FAILED, NULL, PS_OUTCOME_FAILURE},
    {PS_K_CONNECTION_LOST, NULL, PS_OUTCOME_FAILURE},
    {PS_K_FATAL, NULL, PS_OUTCOME_FAILURE},
    {PS_K_WARNING, NULL, PS_OUTCOME_NONE},
    {PS_K_REJECT_WARNING, NULL, PS_OUTCOME_NONE},
    {PS_K_DISCONNECT, NULL, PS_OUTCOME_NONE},
    {PS_K_REMOVED, NULL, PS_OUTCOME_NONE},
    {PS_K_ANVIL_STATISTICS, NULL, PS_OUTCOME_NONE},
    {PS_K_UNPARSED, NULL, PS_OUTCOME_NONE},
    {PS_K_OTHER, NULL, PS_OUTCOME_NONE},
    {PS_K_GAP, NULL, PS_OUTCOME_NONE},
};

static void test_outcomes(void **state)
{
    (void)state;
    const struct ps_site site = {0};
    for (size_t i = 0; i < PS_COUNT(outcomes); i++) {
        struct ps_event ev;
        ps_event_init(&ev);
        ev.kind = outcomes[i].kind;
        if (outcomes[i].status)
            assert_true(ps_event_set(&ev, PS_F_STATUS, ps_slice_from_str(outcomes[i].status)));
        ps_enrich(&site, &ev);
        if (ev.outcome != outcomes[i].outcome)
            fail_msg("row %zu: %d", i, (int)ev.outcome);
        ps_event_done(&ev);
    }
}

/* own_domains: example.org, example.net; own_networks: 192.0.2.0/24, 2001:db8::/32. Of strangers: 198.51.100.0/24. */
enum site_kind { FULL, DOMAINS, NETWORKS, NONE };

static const struct {
    const char *direction;
    const char *to, *from, *client, *orig_client, *sasl;
    enum ps_kind kind;
    enum site_kind site;
} directions[] = {
    /* to us */
    {"inbound", "a@example.org", "x@example.com", NULL, NULL, NULL, PS_K_DELIVERY, FULL},
    {"inbound", "a@sub.example.net", NULL, NULL, NULL, NULL, PS_K_DELIVERY, FULL},
    {"inbound", "a@example.org", "", NULL, NULL, NULL, PS_K_DELIVERY, FULL},
    {"inbound", "a@example.org", "x@example.com", "198.51.100.1", NULL, NULL, PS_K_REJECT, FULL},
    {"inbound", "a@example.org", "b@example.org", "198.51.100.1", NULL, NULL, PS_K_REJECT, FULL}, /* pretends */
    /* among us */
    {"internal", "a@example.org", "b@example.net", NULL, NULL, NULL, PS_K_DELIVERY, FULL},
    {"internal", "a@example.org", "x@example.com", "192.0.2.9", NULL, NULL, PS_K_REJECT, FULL},
    {"internal", "a@example.org", NULL, "2001:db8::9", NULL, NULL, PS_K_REJECT, FULL},
    {"internal", "a@example.org", "x@example.com", "198.51.100.1", NULL, "user", PS_K_REJECT, FULL},
    {"internal", "a@example.org", "b@example.org", "198.51.100.1", NULL, NULL, PS_K_REJECT, DOMAINS},
    /* to others */
    {"outbound", "a@example.com", "b@example.org", NULL, NULL, NULL, PS_K_DELIVERY, FULL},
    {"outbound", "a@example.com", "x@example.com", NULL, NULL, NULL, PS_K_DELIVERY, FULL}, /* forwarded */
    {"outbound", "a@notexample.org", NULL, NULL, NULL, NULL, PS_K_DELIVERY, FULL},
    {"outbound", "a@example.com", NULL, "192.0.2.9", NULL, NULL, PS_K_REJECT, FULL},
    {"outbound", "a@example.com", NULL, "198.51.100.1", NULL, "user", PS_K_REJECT, FULL},
    {NULL, "a@example.com", "b@example.org", "198.51.100.1", NULL, NULL, PS_K_REJECT, FULL}, /* asks for relaying */
    /* a content filter's client says nothing, but for what it passes on */
    {"inbound", "a@example.org", "x@example.com", "127.0.0.1", NULL, NULL, PS_K_REJECT, FULL},
    {"inbound", "a@example.org", "x@example.com", "::1", NULL, NULL, PS_K_REJECT, FULL},
    {"internal", "a@example.org", "b@example.org", "127.0.0.1", NULL, NULL, PS_K_REJECT, FULL},
    {"internal", "a@example.org", "x@example.com", "127.0.0.1", "192.0.2.9", NULL, PS_K_REJECT, FULL},
    {"inbound", "a@example.org", "b@example.org", "192.0.2.9", "198.51.100.1", NULL, PS_K_REJECT, FULL},
    /* no recipient */
    {"inbound", NULL, NULL, "198.51.100.1", NULL, NULL, PS_K_ACCEPTED, FULL},
    {"inbound", NULL, NULL, "198.51.100.1", NULL, NULL, PS_K_ACCEPTED, NETWORKS},
    {NULL, NULL, NULL, "198.51.100.1", NULL, "user", PS_K_ACCEPTED, FULL},
    {NULL, NULL, NULL, "192.0.2.9", NULL, NULL, PS_K_ACCEPTED, FULL},
    {NULL, NULL, NULL, "127.0.0.1", NULL, NULL, PS_K_ACCEPTED, FULL},
    {NULL, NULL, NULL, "198.51.100.1", NULL, NULL, PS_K_ACCEPTED, DOMAINS},
    {NULL, NULL, NULL, "198.51.100.1", NULL, NULL, PS_K_CONNECT, FULL},
    {NULL, NULL, "b@example.org", NULL, NULL, NULL, PS_K_QUEUED, FULL},
    {NULL, "postmaster", NULL, NULL, NULL, NULL, PS_K_DELIVERY, FULL},
    /* what the site doesn't say */
    {NULL, "a@[192.0.2.7]", NULL, NULL, NULL, NULL, PS_K_DELIVERY, FULL},
    {NULL, "a@example.com", NULL, NULL, NULL, NULL, PS_K_DELIVERY, NETWORKS},
    {NULL, "a@example.org", "b@example.org", "192.0.2.9", NULL, "user", PS_K_REJECT, NONE},
};

static void field_set(struct ps_event *ev, enum ps_field f, const char *value)
{
    if (value)
        assert_true(ps_event_set(ev, f, ps_slice_from_str(value)));
}

static void test_directions(void **state)
{
    (void)state;
    char org[] = "example.org", net[] = "example.net";
    char *names[] = {org, net};
    struct ps_network networks[2];
    assert_true(ps_network_parse(PS_SLICE("192.0.2.0/24"), &networks[0]));
    assert_true(ps_network_parse(PS_SLICE("2001:db8::/32"), &networks[1]));

    for (size_t i = 0; i < PS_COUNT(directions); i++) {
        struct ps_site site = {0};
        if (directions[i].site == FULL || directions[i].site == DOMAINS)
            site.own_domains = (struct ps_strings){names, 2};
        if (directions[i].site == FULL || directions[i].site == NETWORKS)
            site.own_networks = (struct ps_networks){networks, 2};
        struct ps_event ev;
        ps_event_init(&ev);
        ev.kind = directions[i].kind;
        field_set(&ev, PS_F_TO, directions[i].to);
        field_set(&ev, PS_F_FROM, directions[i].from);
        field_set(&ev, PS_F_CLIENT_IP, directions[i].client);
        field_set(&ev, PS_F_ORIG_CLIENT_IP, directions[i].orig_client);
        field_set(&ev, PS_F_SASL_USERNAME, directions[i].sasl);
        ps_enrich(&site, &ev);
        if (!value_is(ps_event_get(&ev, PS_F_DIRECTION), directions[i].direction))
            fail_msg("row %zu: %.*s", i, (int)ps_event_get(&ev, PS_F_DIRECTION).n, ps_event_get(&ev, PS_F_DIRECTION).p);
        ps_enrich(&site, &ev); /* nothing is set twice */
        ps_event_done(&ev);
    }
}

/* Which events get a reason_class or a remote_queue_id, and from what; the classes themselves: reason_test.c. */
static const struct {
    enum ps_kind kind;
    struct {
        enum ps_field field;
        const char *value;
    } fields[5];
    const char *class, *remote_id;
} replies[] = {
    {PS_K_DELIVERY,
     {{PS_F_STATUS, "bounced"}, {PS_F_SMTP_CODE, "550"}, {PS_F_ENHANCED_CODE, "5.1.1"}, {PS_F_RESPONSE, "no"}},
     "user_unknown",
     NULL},
    /* the host's name is no part of what it said */
    {PS_K_DELIVERY,
     {{PS_F_STATUS, "deferred"},
      {PS_F_SMTP_CODE, "450"},
      {PS_F_RESPONSE, "later"},
      {PS_F_REASON, "host greylist.example[192.0.2.9] said: 450 later"}},
     "other",
     NULL},
    {PS_K_DELIVERY, {{PS_F_STATUS, "deferred"}, {PS_F_DSN, "4.4.1"}, {PS_F_REASON, "x"}}, "connect_failed", NULL},
    /* 4.7.0 is Postfix's own guess where the reply had none */
    {PS_K_DELIVERY,
     {{PS_F_STATUS, "deferred"}, {PS_F_DSN, "4.7.0"}, {PS_F_SMTP_CODE, "421"}, {PS_F_RESPONSE, "x"}},
     "other",
     NULL},
    {PS_K_DELIVERY,
     {{PS_F_STATUS, "sent"}, {PS_F_SMTP_CODE, "250"}, {PS_F_RESPONSE, "Ok: queued as 4ABC"}},
     NULL,
     "4ABC"},
    {PS_K_DELIVERY,
     {{PS_F_STATUS, "bounced"}, {PS_F_SMTP_CODE, "550"}, {PS_F_RESPONSE, "Ok: queued as 4ABC"}},
     "other",
     NULL},
    {PS_K_DELIVERY, {{PS_F_STATUS, "sent"}, {PS_F_REASON, "delivered to maildir"}}, NULL, NULL},
    {PS_K_REJECT,
     {{PS_F_SMTP_CODE, "554"}, {PS_F_ENHANCED_CODE, "5.7.1"}, {PS_F_REASON, "Relay access denied"}},
     "relay_denied",
     NULL},
    {PS_K_REJECT_WARNING, {{PS_F_SMTP_CODE, "450"}, {PS_F_REASON, "Greylisted"}}, "greylisted", NULL},
    /* what another server said decides, not the code under which it is handed on */
    {PS_K_REJECT,
     {{PS_F_SMTP_CODE, "550"},
      {PS_F_ENHANCED_CODE, "5.1.7"},
      {PS_F_REASON, "x said: 552 5.2.2 no"},
      {PS_F_RESPONSE, "552 5.2.2 no"}},
     "mailbox_full",
     NULL},
    {PS_K_PROXY_REJECT, {{PS_F_SMTP_CODE, "554"}, {PS_F_PROXY_MESSAGE, "virus found"}}, "spam_content", NULL},
    {PS_K_MILTER_ACTION,
     {{PS_F_MILTER_RESULT, "reject"}, {PS_F_MILTER_MESSAGE, "550 5.7.1 spam"}},
     "spam_content",
     NULL},
    {PS_K_MILTER_ACTION, {{PS_F_MILTER_RESULT, "hold"}, {PS_F_MILTER_MESSAGE, "spam"}}, NULL, NULL},
    {PS_K_BOUNCED, {{PS_F_QUEUE_ID, "4ABCDEF012"}}, NULL, NULL}, /* no text, no class */
    {PS_K_QUEUED, {{PS_F_REASON, "spam"}}, NULL, NULL},
};

static void test_replies(void **state)
{
    (void)state;
    const struct ps_site site = {0};
    for (size_t i = 0; i < PS_COUNT(replies); i++) {
        struct ps_event ev;
        ps_event_init(&ev);
        ev.kind = replies[i].kind;
        for (size_t k = 0; k < PS_COUNT(replies[i].fields) && replies[i].fields[k].value; k++)
            assert_true(ps_event_set(&ev, replies[i].fields[k].field, ps_slice_from_str(replies[i].fields[k].value)));
        ps_enrich(&site, &ev);
        if (!value_is(ps_event_get(&ev, PS_F_REASON_CLASS), replies[i].class) ||
            !value_is(ps_event_get(&ev, PS_F_REMOTE_QUEUE_ID), replies[i].remote_id))
            fail_msg("row %zu: wrong", i);
        ps_event_done(&ev);
    }
}

/* Without memory the derived value is left out, the rest goes on. */
static void test_faults(void **state)
{
    (void)state;
    const struct ps_site site = {0};
    for (uint64_t nth = 1; nth <= 3; nth++) {
        struct ps_event ev;
        ps_event_init(&ev);
        ev.kind = PS_K_REJECT;
        assert_true(ps_event_set(&ev, PS_F_TO,
                                 PS_SLICE("a@b\xC3\xBC"
                                          "cher.example")));
        ps_fault_arm(PS_FAULT_MALLOC, nth, ENOMEM); /* the arena's chunk, then libidn2 */
        ps_enrich(&site, &ev);
        ps_fault_arm(PS_FAULT_MALLOC, 0, 0);
        assert_true(value_is(ps_event_get(&ev, PS_F_TO_DOMAIN), nth < 3 ? NULL : "xn--bcher-kva.example"));
        assert_int_equal(ev.outcome, PS_OUTCOME_FAILURE);
        ps_event_done(&ev);
    }
}

static void test_idn(void **state)
{
    (void)state;
    char ascii[PS_IDN_MAX];
    size_t n = 7;
    assert_int_equal(ps_idn_to_ascii(PS_SLICE("b\xC3\xBC"
                                              "cher.example"),
                                     ascii, &n),
                     0);
    assert_true(ps_slice_equal(ps_slice_make(ascii, n), PS_SLICE("xn--bcher-kva.example")));
    n = 7;
    assert_int_equal(ps_idn_to_ascii(PS_SLICE(""), ascii, &n), -EINVAL);
    assert_int_equal(ps_idn_to_ascii(PS_SLICE("\xC3\xBC\0"), ascii, &n), -EINVAL);
    assert_int_equal(ps_idn_to_ascii(PS_SLICE("\xFF"), ascii, &n), -EINVAL);
    ps_fault_arm(PS_FAULT_MALLOC, 1, ENOMEM);
    assert_int_equal(ps_idn_to_ascii(PS_SLICE("\xC3\xBC"), ascii, &n), -ENOMEM);
    ps_fault_arm(PS_FAULT_MALLOC, 0, 0);
    assert_int_equal(n, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_domains),    cmocka_unit_test(test_domain_limits), cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_directions), cmocka_unit_test(test_replies),       cmocka_unit_test(test_faults),
        cmocka_unit_test(test_ambiguous),  cmocka_unit_test(test_idn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
