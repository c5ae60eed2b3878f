/* The grammar engine, with tables of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/util.h"
#include "parse/grammar.h"
#include "parse/tables.h"
#include "support/event_text.h"
#include "support/guard.h"

static const char *const pair_elements[] = {
    "size={size}",
    "{tls_version=TLS}: {tls_error:text}",
    "{tls_version=TLS}",
    "from=<{from}>",
    "helo=<{helo:address}>",
    "user={sasl_username}",
    "reason=<{reason}>",
    "uid={uid}",
    "id: <{message_id:address}>",
    "hits: {spam_score:score}",
};
static const struct ps_rule_list pairs = {"pairs", ", ", pair_elements, PS_COUNT(pair_elements)};
static const char *const named_elements[] = {"cipher {tls_cipher}", "key {tls_key_exchange:text}",
                                             "digest {tls_digest:text}"};
static const struct ps_rule_list named = {"named", " ", named_elements, PS_COUNT(named_elements)};
static const struct ps_rule_list *const lists[] = {&pairs, &named};

static const struct ps_rule said_rules[] = {
    {PS_K_DELIVERY, "host {responder} said: {response:reply} (in {smtp_stage:text})"},
    {PS_K_DELIVERY, "{response:reply}"},
};
static const struct ps_rule_table said = {"said", said_rules, PS_COUNT(said_rules)};

/* Each row: one rule against one message. `fields`: "name=value" each, in order of name in the event, "" separated by
 * '|'; NULL: no match. '!' in a value stands for nothing (the field is there, its value empty). */
static const struct {
    const char *rule, *message, *fields;
} rows[] = {
    {"removed", "removed", ""},
    {"removed", "removed  \r", ""},
    {"removed", "removed x", NULL},
    {"removed", "remove", NULL},
    {"removed", "", NULL},
    /* typed scanners */
    {"size {size}", "size 123", "size=123"},
    {"size {size}", "size 0", "size=0"},
    {"size {size}", "size 007", NULL},
    {"size {size}", "size 1234567890123456789", NULL},
    {"size {size}", "size -1", NULL},
    {"size {size}", "size ", NULL},
    {"delay {delay}", "delay 1.5", "delay=1.5"},
    {"delay {delay}", "delay 15", "delay=15"},
    {"delay {delay}", "delay 1.", NULL},
    {"delay {delay}", "delay .5", NULL},
    {"dkim={spam_tests:run}, {pairs}", "dkim=a:b,c:d, size=1", "spam_tests=a:b,c:d|size=1"},
    {"dkim={spam_tests:run}", "dkim=a:b,", NULL},
    {"dkim={spam_tests:run}", "dkim=", NULL},
    {"hits {spam_score:score}", "hits 1.25", "spam_score=1.25"},
    {"hits {spam_score:score}", "hits -0.5", "spam_score=-0.5"},
    {"hits {spam_score:score}", "hits +3", "spam_score=3"},
    {"hits {spam_score:score}", "hits -", ""},
    {"hits {spam_score:score}", "hits --1", NULL},
    {"hits {spam_score:score}", "hits ", NULL},
    {"hits {spam_score:score}", "hits x", NULL},
    {"ip {client_ip}", "ip 192.0.2.1", "client_ip=192.0.2.1"},
    {"ip {client_ip}", "ip 2001:db8::1", "client_ip=2001:db8::1"},
    {"ip {client_ip}", "ip 192.0.2.256", NULL},
    {"ip {client_ip}: {reason}", "ip 192.0.2.1: x", "client_ip=192.0.2.1|reason=x"},
    {"ip {client_ip}: {reason}", "ip 2001:db8::1: x", "client_ip=2001:db8::1|reason=x"},
    {"ip {client_ip}: {reason}", "ip 2001:db8::: x", "client_ip=2001:db8::|reason=x"},
    {"ip {client_ip}: {reason}", "ip : x", NULL},
    {"dsn {dsn}", "dsn 5.7.26", "dsn=5.7.26"},
    {"dsn {dsn}", "dsn 5.7", NULL},
    {"dsn {dsn}", "dsn 5.7.1234", NULL},
    {"method {sasl_method:token} end", "method CRAM-MD5 end", "sasl_method=CRAM-MD5"},
    {"rcpt={cmd_rcpt:counter}", "rcpt=3", "cmd_rcpt=3"},
    {"rcpt={cmd_rcpt:counter}", "rcpt=0/3", "cmd_rcpt=3|cmd_rcpt_accepted=0"},
    {"{action=reject}: x", "reject: x", "action=reject"},
    {"a {reason=bad value: }{reason}", "a bad value: x = 1", "reason=bad value: x = 1"},
    {"a {reason=bad }{reason:text}, {size}", "a bad b, c, 1", "reason=bad b, c|size=1"},
    {"a {reason=bad }{reason:first}, {size}", "a bad b, c, 1", "reason=bad b, c|size=1"},
    {"a {reason=bad}: {reason}", "a bad: b", "reason=bad"},
    /* no field */
    {"a {:text}, b {:int} {size}", "a b, b 2 3", "size=3"},
    {"a {:token} {:first}: {reason}", "a b c: d: e", "reason=d: e"},
    {"<{:address}> {size}", "<\">\"> 1", "size=1"},
    {"a {:int}", "a b", NULL},
    {"{:function}: {size}", "dict_open: 1", "size=1"},
    {"{:function}: {size}", "a1_b_2: 1", "size=1"},
    {"{:function}: {size}", "open: 1", NULL},
    {"{:function}: {size}", "_open: 1", NULL},
    {"{:function}: {size}", "open_: 1", NULL},
    {"{:function}: {size}", "1_a: 1", NULL},
    {"{:function}: {size}", "Dict_open: 1", NULL},
    {"{:function}", "dict_open", ""},
    {"a {{brace}: {size}", "a {brace}: 1", "size=1"},
    /* a list of names and values without '=' */
    {"tls {named}", "tls cipher A", "tls_cipher=A"},
    {"tls {named}", "tls cipher A key X (2048 bits) digest D",
     "tls_cipher=A|tls_key_exchange=X (2048 bits)|tls_digest=D"},
    {"tls {named}", "tls cipher A rest", NULL},
    /* queue ids */
    {"{queue_id}: removed", "4ABCDEF012: removed", "queue_id=4ABCDEF012"},
    {"{queue_id}: removed", "48Vgh2KrYCzdW: removed", "queue_id=48Vgh2KrYCzdW"},
    {"{queue_id}: removed", "NOQUEUE: removed", ""},
    {"{queue_id}: removed", "statistics: removed", NULL},
    {"{queue_id}: removed", "ABCD: removed", NULL},
    {"warning: {queue_id}: x", "warning: DEADBEEF01: x", "severity=warning|queue_id=DEADBEEF01"},
    {"warning: {client}: y", "warning: h[192.0.2.1]: y", "severity=warning|client_host=h|client_ip=192.0.2.1"},
    /* addresses: what is quoted doesn't end them */
    {"<{from}>", "<a@example.org>", "from=a@example.org"},
    {"<{from}>", "<>", "from=!"},
    {"<{from}>", "<\"a> to=<b\"@example.org>", "from=\"a> to=<b\"@example.org"},
    {"<{from}>", "<\"a\\\"> x\"@example.org>", "from=\"a\\\"> x\"@example.org"},
    {"<{from}>", "<lone\"quote@example.org>", "from=lone\"quote@example.org"},
    {"<{from}>", "<a@example.org", NULL},
    {"<{from}>", "<j\xc3\xb6rg@example.org>", "from=j\xc3\xb6rg@example.org"},
    {"<{from}> <{from}>", "<a@example.org> <a@example.org>", "from=a@example.org"},
    {"<{from}> <{from}>", "<a@example.org> <b@example.org>", NULL},
    {"<{from}> <{from}>", "<> <>", "from=!"},
    /* stages */
    {"in {smtp_stage:stage} command)", "in RCPT TO command)", "smtp_stage=RCPT TO"},
    {"in {smtp_stage:stage} command)", "in XFORWARD name/address command)", "smtp_stage=XFORWARD name/address"},
    {"in {smtp_stage:stage} command)", "in command)", NULL},
    {"in {smtp_stage:stage} command)", "in DATA command) (in RCPT TO command)", NULL},
    {"in {smtp_stage:stage}", "in RSET probe", "smtp_stage=RSET probe"},
    {"in {smtp_stage:stage}", "in RSET ", "smtp_stage=RSET"},
    {"in {smtp_stage:stage} -- {reason}", "in end of data -- x", "smtp_stage=end of data|reason=x"},
    {"in {smtp_stage:stage}", "in 5.1.1", NULL},
    /* peers */
    {"from {client}", "from mx.example.org[192.0.2.1]", "client_host=mx.example.org|client_ip=192.0.2.1"},
    {"from {client}", "from mx.example.org[2001:db8::1]:4711",
     "client_host=mx.example.org|client_ip=2001:db8::1|client_port=4711"},
    {"from {client}", "from [192.0.2.1]:25", "client_ip=192.0.2.1|client_port=25"},
    {"from {client}", "from unknown[unknown]", "client_host=unknown"},
    {"from {client}", "from localhost", NULL},
    {"from {client}", "from x[192.0.2.1", NULL},
    {"from {origin}", "from mx.example.org[192.0.2.1]", "client_host=mx.example.org|client_ip=192.0.2.1"},
    {"from {origin}", "from local", "origin=local"},
    {"relay={relay}", "relay=none", "relay=none"},
    {"relay={relay}", "relay=mx.example.org[private/dovecot-lmtp]",
     "relay_host=mx.example.org|relay_path=private/dovecot-lmtp"},
    {"relay={relay}", "relay=mx.example.org[192.0.2.1]:25",
     "relay_host=mx.example.org|relay_ip=192.0.2.1|relay_port=25"},
    /* texts: the rightmost place from which the rest matches */
    {"x ({reason}) y", "x (a) y", "reason=a"},
    {"x ({reason})", "x (a) b)", "reason=a) b"},
    {"x ({reason})", "x ()", "reason=!"},
    {"x ({reason})", "x (a", NULL},
    {"x {reason}; {size}", "x a; b; 1", "reason=a; b|size=1"},
    {"x {reason}; {size}", "x a; 2; 1", "reason=a; 2|size=1"},
    {"x {reason}; {dsn}{reason_class:text}", "x a; 1.1.1; 2.2.2", "reason=a; 1.1.1; 2.2.2|ambiguous=!"},
    {"x {reason:first}; {header_value}", "x a; b; c", "reason=a|header_value=b; c"},
    {"x {reason:first}; {size}", "x a; b; 7", "reason=a; b|size=7"},
    /* replies */
    {"said {response:reply}", "said 550 5.1.1 no", "smtp_code=550|enhanced_code=5.1.1|response=no"},
    {"said {response:reply}", "said 550-5.1.1 no 550 5.1.1 more",
     "smtp_code=550|enhanced_code=5.1.1|response=no 550 5.1.1 more"},
    {"said {response:reply}", "said 250 OK id=1", "smtp_code=250|response=OK id=1"},
    {"said {response:reply}", "said 250", "smtp_code=250|response=!"},
    {"said {response:reply}", "said 192.0.2.1 no", NULL},
    {"said {response:reply}", "said 650 no", NULL},
    {"said {response:reply}", "said no", NULL},
    {"said {response:reply}; x", "said 450 4.7.1 a; b; x", "smtp_code=450|enhanced_code=4.7.1|response=a; b"},
    /* optional texts at the end */
    {"x {size}{reason:tail}", "x 1", "size=1"},
    {"x {size}{reason:tail}", "x 1: a: b", "size=1|reason=a: b"},
    {"x {size}{reason:tail}", "x 1 a", NULL},
    {"x {size}{reason:tail}", "x 1:", NULL},
    {"x {header_value}; {size}{reason:tail}", "x a; 2 b; 1", "header_value=a; 2 b|size=1"},
    {"x {header_value}; {size}{reason:tail}", "x a; 2: b; 1", "header_value=a; 2: b; 1|ambiguous=!"},
    /* HELO names */
    {"x <{helo:helo}>{reason:tail}", "x <h>", "helo=h"},
    {"x <{helo:helo}>{reason:tail}", "x <h>: a", "helo=h|reason=a"},
    {"x <{helo:helo}>{reason:tail}", "x <h> from=<a>: b>c", "helo=h> from=<a|reason=b>c"},
    {"x <{helo:helo}>{reason:tail}", "x <h>: a>: b", "ambiguous=!|reason=a>: b"},
    {"x <{helo:helo}>{reason:tail}", "x <>", "helo=!"},
    {"x <{helo:helo}>{reason:tail}", "x <h", NULL},
    /* texts that have rules of their own */
    {"({reason:said})", "(host m[192.0.2.1] said: 550 no (in DATA))",
     "reason=host m[192.0.2.1] said: 550 no (in "
     "DATA)|responder_host=m|responder_ip=192.0.2.1|smtp_code=550|response=no|"
     "smtp_stage=DATA"},
    {"({reason:said})", "(warning: x)", "reason=warning: x"},
    {"{reason:reply}; {size}", "550 host m[192.0.2.1] said: 450 no (in DATA); 1",
     "smtp_code=550|reason=host m[192.0.2.1] said: 450 no (in DATA)|size=1|responder_host=m|responder_ip=192.0.2.1|"
     "response=no|smtp_stage=DATA"},
    /* lists */
    {"q {pairs}", "q size=1, from=<a@example.org>", "size=1|from=a@example.org"},
    {"q {pairs}", "q from=<a@example.org>, size=1", "from=a@example.org|size=1"},
    {"q {pairs} end", "q size=1 end", "size=1"},
    {"q {pairs}", "q size=1, new=2, from=<a>", "size=1|extra=new=2|from=a"},
    {"q {pairs}", "q id: <a, b>, size=1, hits: -1.5", "message_id=a, b|size=1|spam_score=-1.5"},
    {"q {pairs}", "q hits: 1, hits: 2", NULL},
    {"q {pairs}", "q new: 2, size=1", NULL},
    {"q {pairs}", "q new=<\"a, b\">, size=1", "extra=new=<\"a, b\">|size=1"},
    {"q {pairs}", "q size=x", "extra=size=x"},
    {"q {pairs}", "q size=1,", NULL},
    {"q {pairs}", "q ", NULL},
    {"q {pairs}", "q user=a b, c, uid=2", "sasl_username=a b, c|uid=2"},
    {"q {pairs}", "q user=a b, c, size=2", "sasl_username=a b, c, size=2"}, /* an earlier row's key */
    {"q {pairs}", "q reason=<a>, size=2, reason=<b>, uid=1", "reason=a>, size=2, reason=<b|uid=1"},
    {"q {pairs}", "q reason=<a>, uid=1>", NULL},
    {"q {pairs}", "q reason=<a, uid=1>", "reason=a, uid=1"},
    {"q {pairs}", "q reason=<>", "reason=!"},
    {"q {pairs}", "q reason=<", "extra=reason=<"},
    {"q {pairs}", "q user=a, user=b", "sasl_username=a, user=b"},
    {"q {pairs}", "q user=", "sasl_username=!"},
    {"q {pairs}", "q size=1, size=2", NULL},
    {"q {pairs}", "q size=1, TLS, from=<a>", "size=1|tls_version=TLS|from=a"},
    {"q {pairs}", "q size=1, TLS: no, not now, from=<a>", "size=1|tls_version=TLS|tls_error=no, not now|from=a"},
    {"q {pairs}", "q size=1, TLS?, from=<a>", NULL},
    /* what is kept nowhere; a name that is none */
    {"x {size}{...}", "x 1 y, z", "size=1"},
    {"x {size}{...}", "x 1", "size=1"},
    {"user=<{login_user:text}>, {size}", "user=<a>, 1", "login_user=a|size=1"},
    {"user=<{login_user:text}>, {size}", "user=<>, 1", "size=1"},
    {"user=<{login_user:text}>, {size}", "user=<a>, 1>, 2", "login_user=a>, 1|size=2"},
};

static struct ps_grammar *one_rule(const char *pattern, char *error, size_t n)
{
    struct ps_rule rule = {PS_K_WARNING, pattern};
    struct ps_rule_table table = {"prog", &rule, 1};
    const struct ps_rule_table *tables[] = {&table, &said};
    struct ps_grammar *g = NULL;
    int r = ps_grammar_new(tables, 2, lists, PS_COUNT(lists), &g, error, n);
    assert_true(r == 0 || r == -EINVAL);
    return g;
}

static void rows_match(void **state)
{
    (void)state;
    struct guard guard;
    guard_open(&guard, 4096);
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        char error[256] = "";
        struct ps_grammar *g = one_rule(rows[i].rule, error, sizeof error);
        if (!g)
            fail_msg("%s: %s", rows[i].rule, error);
        struct ps_event ev;
        ps_event_init(&ev);
        bool matched =
            ps_grammar_match(g, PS_SLICE("prog"), guard_copy(&guard, ps_slice_from_str(rows[i].message)), &ev);
        struct ps_buf out = {.max = 65536};
        event_text(&ev, &out);
        if (matched != (rows[i].fields != NULL))
            fail_msg("\"%s\" on \"%s\": %s", rows[i].rule, rows[i].message, matched ? "matched" : "did not match");
        if (matched) {
            assert_string_equal(ps_buf_cstr(&out), rows[i].fields);
            assert_int_equal(ev.kind, PS_K_WARNING);
        }
        ps_buf_done(&out);
        ps_event_done(&ev);
        ps_grammar_free(g);
    }
    guard_close(&guard);
}

/* A rule that can't be compiled, and what is said about it. */
static const struct {
    const char *rule, *error;
} bad_rules[] = {
    {"", "empty"},
    {"{nothing}", "no field, peer or list is named \"nothing\""},
    {"{size", "'}' is missing"},
    {"{size:hex}", "no scanner is named \"hex\""},
    {"{reason}{size}", "a text must be followed by literal text"},
    {"{queue_id}: ", "nothing behind the severity and the queue id"},
    {"warning: ", "nothing behind the severity and the queue id"},
    {"{client:word}", "no field, peer or list is named \"client\""},
};

static void bad_rules_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT(bad_rules); i++) {
        char error[256] = "";
        struct ps_grammar *g = one_rule(bad_rules[i].rule, error, sizeof error);
        if (g)
            fail_msg("\"%s\" was compiled", bad_rules[i].rule);
        if (!strstr(error, bad_rules[i].error))
            fail_msg("\"%s\": said \"%s\", not \"%s\"", bad_rules[i].rule, error, bad_rules[i].error);
    }
}

/* Rules that begin alike are tried in their order; another program's rules are not. */
static void order_and_programs(void **state)
{
    (void)state;
    static const struct ps_rule a_rules[] = {{PS_K_CONNECT, "x {size}"},
                                             {PS_K_DISCONNECT, "x {reason}"},
                                             {PS_K_ERROR, "{client} y"},
                                             {PS_K_FATAL, "x never"}};
    static const struct ps_rule b_rules[] = {{PS_K_PANIC, "z"}};
    static const struct ps_rule c_rules[] = {{PS_K_WARNING, "{reason}"}};
    const struct ps_rule_table a = {"one two", a_rules, PS_COUNT(a_rules)}, b = {"two", b_rules, PS_COUNT(b_rules)},
                               c = {"- dkim", c_rules, PS_COUNT(c_rules)};
    const struct ps_rule_table *tables[] = {&a, &b, &c};
    static const struct {
        const char *program, *message;
        int kind; /* -1: no match */
    } tries[] = {
        {"one", "x 1", PS_K_CONNECT},
        {"two", "x 1", PS_K_CONNECT},
        {"one", "x never", PS_K_DISCONNECT},
        {"one", "x[192.0.2.1] y", PS_K_ERROR},
        {"one", "z", -1},
        {"two", "z", PS_K_PANIC},
        {"postfix", "z", PS_K_PANIC},
        {"postfix", "x 1", PS_K_CONNECT},
        {"dkim", "anything", PS_K_WARNING},
        {"postfix", "anything", -1},
        {"-", "anything", -1},
        {"three", "z", -1},
        {"on", "x 1", -1},
        {"", "x 1", -1},
    };
    struct ps_grammar *g;
    char error[256];
    assert_int_equal(ps_grammar_new(tables, PS_COUNT(tables), NULL, 0, &g, error, sizeof error), 0);
    for (size_t i = 0; i < PS_COUNT(tries); i++) {
        struct ps_event ev;
        ps_event_init(&ev);
        bool matched =
            ps_grammar_match(g, ps_slice_from_str(tries[i].program), ps_slice_from_str(tries[i].message), &ev);
        assert_int_equal(matched ? (int)ev.kind : -1, tries[i].kind);
        ps_event_done(&ev);
    }
    ps_grammar_free(g);
}

/* The rules that the program has: each compiles, and each field a program's rule sets is one of fields.def. */
static void own_rules_compile(void **state)
{
    (void)state;
    struct ps_grammar *g = NULL;
    char error[256] = "";
    if (ps_grammar_new(ps_rule_tables, ps_rule_tables_n, ps_rule_lists, ps_rule_lists_n, &g, error, sizeof error) < 0)
        fail_msg("%s", error);
    ps_grammar_free(g);
}

#ifdef PS_FAULTS
/* With all the rules of the rows above in one table: what allocates is the same whatever the rules. */
static void no_memory(void **state)
{
    (void)state;
    static struct ps_rule every[PS_COUNT(rows)];
    for (size_t i = 0; i < PS_COUNT(rows); i++)
        every[i] = (struct ps_rule){PS_K_WARNING, rows[i].rule};
    const struct ps_rule_table table = {"prog other", every, PS_COUNT(every)};
    const struct ps_rule_table *tables[] = {&table, &said};
    char error[256];
    uint64_t n = 1;
    for (;; n++) {
        struct ps_grammar *g = NULL;
        ps_fault_arm(PS_FAULT_MALLOC, n, ENOMEM);
        int r = ps_grammar_new(tables, PS_COUNT(tables), lists, PS_COUNT(lists), &g, error, sizeof error);
        ps_fault_arm(PS_FAULT_MALLOC, 0, 0);
        if (r == 0) {
            ps_grammar_free(g);
            break;
        }
        assert_int_equal(r, -ENOMEM);
        assert_null(g);
    }
    assert_true(n > 10);
    print_message("%llu allocations failed, one at a time\n", (unsigned long long)(n - 1));
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_match),         cmocka_unit_test(bad_rules_are_named),
        cmocka_unit_test(order_and_programs), cmocka_unit_test(own_rules_compile),
#ifdef PS_FAULTS
        cmocka_unit_test(no_memory),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
