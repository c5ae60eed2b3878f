/* Dovecot's head: both carriers, users that look like its other parts, what must not get into a field. What the tables
 * make of the text is in the golden corpus. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/util.h"
#include "parse/parse.h"
#include "support/event_text.h"
#include "support/guard.h"
#include "support/parser.h"

#define SESSION    "<yZuFUtFgM6LGM2R8>"
#define LOGGED_OUT "Disconnected: Inactivity"

/* `message`: behind "dovecot: ". `own`: the same in log_path. `fields`: those of both but for "instance=dovecot|". */
static const struct {
    const char *message, *own;
    enum ps_kind kind;
    const char *fields;
} rows[] = {
    {"imap(u@example.org)<12>" SESSION ": " LOGGED_OUT, "imap(u@example.org)<12>" SESSION ": Info: " LOGGED_OUT,
     PS_K_LOGOUT,
     "program=imap|login_user=u@example.org|pid=12|login_session=yZuFUtFgM6LGM2R8|severity=info|reason=Inactivity"},
    {"imap(u@example.org)" SESSION ": " LOGGED_OUT, "imap(u@example.org)" SESSION ": Info: " LOGGED_OUT, PS_K_LOGOUT,
     "program=imap|login_user=u@example.org|login_session=yZuFUtFgM6LGM2R8|severity=info|reason=Inactivity"},
    {"imap(u@example.org)<12>: " LOGGED_OUT, "imap(u@example.org)<12>: Info: " LOGGED_OUT, PS_K_LOGOUT,
     "program=imap|login_user=u@example.org|pid=12|severity=info|reason=Inactivity"},
    {"imap(u@example.org): " LOGGED_OUT, "imap(u@example.org): Info: " LOGGED_OUT, PS_K_LOGOUT,
     "program=imap|login_user=u@example.org|severity=info|reason=Inactivity"},
    {"imap(u,192.0.2.7): " LOGGED_OUT, "imap(u,192.0.2.7): Info: " LOGGED_OUT, PS_K_LOGOUT,
     "program=imap|client_ip=192.0.2.7|login_user=u|severity=info|reason=Inactivity"},
    {"lmtp(12): Connect from local", "lmtp(12): Info: Connect from local", PS_K_CONNECT,
     "program=lmtp|pid=12|severity=info"},
    {"lmtp: Connect from local", "lmtp: Info: Connect from local", PS_K_CONNECT, "program=lmtp|severity=info"},
    {"lmtp(12): Error: x", "lmtp(12): Error: x", PS_K_ERROR, "program=lmtp|pid=12|severity=error|reason=x"},
    {"lmtp(12): Debug: x", "lmtp(12): Debug: x", PS_K_DEBUG, "program=lmtp|pid=12|severity=debug"},
    {"lmtp(12): new words", "lmtp(12): Info: new words", PS_K_OTHER, "program=lmtp|pid=12|severity=info"},
    /* users: a number, blanks, parentheses, what looks like an address behind it */
    {"imap(500)<12>" SESSION ": " LOGGED_OUT, "imap(500)<12>" SESSION ": Info: " LOGGED_OUT, PS_K_LOGOUT,
     "program=imap|login_user=500|pid=12|login_session=yZuFUtFgM6LGM2R8|severity=info|reason=Inactivity"},
    {"imap(a (b),192.0.2.9)<12>" SESSION ": " LOGGED_OUT, "imap(a (b),192.0.2.9)<12>" SESSION ": Info: " LOGGED_OUT,
     PS_K_LOGOUT,
     "program=imap|login_user=a (b),192.0.2.9|pid=12|login_session=yZuFUtFgM6LGM2R8|severity=info|reason=Inactivity"},
    {"imap(a)<1><2>: x)<12>" SESSION ": " LOGGED_OUT, "imap(a)<1><2>: Info: x)<12>" SESSION ": " LOGGED_OUT, PS_K_OTHER,
     "program=imap|ambiguous=!|pid=1|severity=info"},
    /* requests of auth */
    {"auth: sql(u,192.0.2.7,<s>): unknown user", "auth: Info: sql(u,192.0.2.7,<s>): unknown user", PS_K_LOGIN_FAILED,
     "program=auth|severity=info|auth_source=sql|login_session=s|client_ip=192.0.2.7|login_user=u|auth_reason=unknown "
     "user"},
    {"auth(u,192.0.2.7,sasl:plain)<s>: sql: unknown user", "auth(u,192.0.2.7,sasl:plain)<s>: Info: sql: unknown user",
     PS_K_LOGIN_FAILED,
     "program=auth|login_method=plain|client_ip=192.0.2.7|login_user=u|login_session=s|severity=info|auth_source=sql|"
     "auth_reason=unknown user"},
    {"auth: sql(a),b,192.0.2.7): unknown user", "auth: Info: sql(a),b,192.0.2.7): unknown user", PS_K_LOGIN_FAILED,
     "program=auth|severity=info|auth_source=sql|client_ip=192.0.2.7|login_user=a),b|auth_reason=unknown user"},
    {"auth: sql(u,192.0.2.7): failed: Connect (host): no", "auth: Info: sql(u,192.0.2.7): failed: Connect (host): no",
     PS_K_LOGIN_FAILED,
     "program=auth|severity=info|auth_source=sql|client_ip=192.0.2.7|login_user=u|auth_reason=failed: Connect (host): "
     "no"},
    /* passwords, whatever they look like */
    {"auth: sql(u,192.0.2.7): Password mismatch (given password: secret)",
     "auth: Info: sql(u,192.0.2.7): Password mismatch (given password: secret)", PS_K_LOGIN_FAILED,
     "program=auth|severity=info|auth_source=sql|client_ip=192.0.2.7|login_user=u|auth_reason=Password mismatch"},
    {"auth: sql(u,192.0.2.7): Password mismatch (SHA1 of given password: 0badc0)",
     "auth: Info: sql(u,192.0.2.7): Password mismatch (SHA1 of given password: 0badc0)", PS_K_LOGIN_FAILED,
     "program=auth|severity=info|auth_source=sql|client_ip=192.0.2.7|login_user=u|auth_reason=Password mismatch"},
    {"auth: sql(u,192.0.2.7): unknown user (given password: x,192.0.2.9): y (username: secret) (given password: z)",
     "auth: Info: sql(u,192.0.2.7): unknown user (given password: x,192.0.2.9): y (username: secret)",
     PS_K_LOGIN_FAILED,
     "program=auth|severity=info|auth_source=sql|client_ip=192.0.2.7|login_user=u|auth_reason=unknown user"},
    {"auth(u,192.0.2.7,sasl:plain)<s>: sql: unknown user (given password: secret)",
     "auth(u,192.0.2.7,sasl:plain)<s>: Info: sql: unknown user (given password: secret)", PS_K_LOGIN_FAILED,
     "program=auth|login_method=plain|client_ip=192.0.2.7|login_user=u|login_session=s|severity=info|auth_source=sql|"
     "auth_reason=unknown user"},
};

static void line_compare(const struct ps_parser *parser, struct guard *guard, const char *head, const char *message,
                         enum ps_kind kind, const char *fields)
{
    struct ps_buf line = {.max = 8192}, out = {.max = 65536}, want = {.max = 65536};
    ps_buf_printf(&line, "%s%s", head, message);
    struct ps_event ev;
    ps_event_init(&ev);
    struct ps_time_context time = {.last_usec = INT64_MIN};
    (void)ps_parser_run(parser, &ev, guard_copy(guard, ps_buf_slice(&line)), &time);
    event_text(&ev, &out);
    ps_buf_printf(&want, "instance=dovecot|%s", fields);
    if (!ps_slice_equal(ps_buf_slice(&out), ps_buf_slice(&want)))
        fail_msg("\"%s\":\n%s\nnot\n%s", ps_buf_cstr(&line), ps_buf_cstr(&out), ps_buf_cstr(&want));
    if (ev.kind != kind)
        fail_msg("\"%s\": kind %s", ps_buf_cstr(&line), ps_kind_name(ev.kind));
    assert_true(ps_slice_equal(ev.message, ps_slice_from_str(message)));
    for (size_t n = 0; n < line.n; n++) /* read no byte behind any of its beginnings */
        (void)ps_parser_run(parser, &ev, guard_copy(guard, (struct ps_slice){line.p, n}), &time);
    ps_event_done(&ev);
    ps_buf_done(&line);
    ps_buf_done(&out);
    ps_buf_done(&want);
}

static void carriers_agree(void **state)
{
    struct guard guard;
    guard_open(&guard, 8192);
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        line_compare(*state, &guard, "Nov 21 22:57:39 mx1 dovecot: ", rows[i].message, rows[i].kind, rows[i].fields);
        line_compare(*state, &guard, "2026-11-21 22:57:39 ", rows[i].own, rows[i].kind, rows[i].fields);
    }
    guard_close(&guard);
}

/* Lines that are not Dovecot's, or not in its form: program and message as of any other. */
static const struct {
    const char *line, *fields;
} others[] = {
    {"Nov 21 22:57:39 mx1 dovecot: Words alone", "program=dovecot"},
    {"Nov 21 22:57:39 mx1 dovecot: imap(u", "program=dovecot"},
    {"Nov 21 22:57:39 mx1 dovecot: ", "program=dovecot"},
    {"Nov 21 22:57:39 mx1 sshd: imap(u): Error: x", "program=sshd"},
    {"Nov 21 22:57:39 mx1 postfix/lmtp[12]: lmtp(12): Connect from local", "program=lmtp|instance=postfix|pid=12"},
    {"2026-11-21 22:57:39 imap(u)<12>: no level", "program=imap|pid=12"},
};

static void others_are_left(void **state)
{
    for (size_t i = 0; i < PS_COUNT(others); i++)
        line_fields_check(*state, others[i].line, PS_UNKNOWN, others[i].fields);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(carriers_agree),
        cmocka_unit_test(others_are_left),
    };
    return cmocka_run_group_tests(tests, parser_open, parser_close);
}
