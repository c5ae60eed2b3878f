#include "parse/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/util.h"
#include "support/guard.h"

/* 2026-11-21 00:00:00 UTC; all rows but few are of that day */
#define DAY         (INT64_C(1795219200) * 1000000)
#define AT(h, m, s) (DAY + ((h)*3600 + (m)*60 + (s)) * INT64_C(1000000))
#define NO_TIME     INT64_MIN

struct row {
    const char *line;
    int64_t time;
    int priority;
    const char *host, *program, *pid, *message; /* "" where the line doesn't have it */
};

static const struct row rows[] = {
    /* rsyslog, traditional */
    {"Nov 21 22:57:32 mx1 opendmarc[195]: OpenDMARC Filter v1.4.2 starting (args: -f -c /etc/opendmarc.conf)",
     AT(22, 57, 32), -1, "mx1", "opendmarc", "195",
     "OpenDMARC Filter v1.4.2 starting (args: -f -c /etc/opendmarc.conf)"},
    {"Nov 21 22:58:16 mx1 postfix/submission/smtpd[611]: input attribute name: flags", AT(22, 58, 16), -1, "mx1",
     "postfix/submission/smtpd", "611", "input attribute name: flags"},
    {"Nov 21 22:57:39 mx1 postfix/10025/smtpd[484]: connect from localhost[127.0.0.1]", AT(22, 57, 39), -1, "mx1",
     "postfix/10025/smtpd", "484", "connect from localhost[127.0.0.1]"},
    {"Nov 21 23:06:54 mx1 dovecot: auth: Debug: auth client connected (pid=3151)", AT(23, 6, 54), -1, "mx1", "dovecot",
     "", "auth: Debug: auth client connected (pid=3151)"},
    {"Nov 21 23:02:53 mx1 postfix/script: operator note \xc3\xa9 \xc3\xbc #011 tab", AT(23, 2, 53), -1, "mx1",
     "postfix/script", "", "operator note \xc3\xa9 \xc3\xbc #011 tab"},
    {"Nov 21 23:00:12 mx1 policyd-spf[684]: : 550 5.7.23 Message rejected due to: SPF fail", AT(23, 0, 12), -1, "mx1",
     "policyd-spf", "684", ": 550 5.7.23 Message rejected due to: SPF fail"},
    /* Postfix's maillog_file */
    {"Nov 21 23:02:32 out postfix-out/anvil[768]: statistics: max cache size 1 at Nov 21 23:01:46", AT(23, 2, 32), -1,
     "out", "postfix-out/anvil", "768", "statistics: max cache size 1 at Nov 21 23:01:46"},
    {"Nov 21 23:03:10 mx1 postfix[1513]: fatal: bad numerical configuration: default_process_limit = abc",
     AT(23, 3, 10), -1, "mx1", "postfix", "1513", "fatal: bad numerical configuration: default_process_limit = abc"},
    /* a process that failed before it knew its log */
    {"pipe[738]: fatal: pipe_command: execvp /nothing", NO_TIME, -1, "", "pipe", "738",
     "fatal: pipe_command: execvp /nothing"},
    {"postfix-out/smtpd[9]: panic: myfree: corrupt memory", NO_TIME, -1, "", "postfix-out/smtpd", "9",
     "panic: myfree: corrupt memory"},
    /* rsyslog, RFC 3339 */
    {"2026-11-21T22:57:38.788188+00:00 mx1 postfix/smtpd[452]: connect from host-92.v6.example.net[2001:db8:1::5c]",
     AT(22, 57, 38) + 788188, -1, "mx1", "postfix/smtpd", "452", "connect from host-92.v6.example.net[2001:db8:1::5c]"},
    {"2026-11-22T00:57:38.788188+02:00 mx1.example.org dovecot: master: Dovecot v2.3.19.1 (9b53102964) starting up",
     AT(22, 57, 38) + 788188, -1, "mx1.example.org", "dovecot", "",
     "master: Dovecot v2.3.19.1 (9b53102964) starting up"},
    {"2026-11-21T22:57:38Z postfix/smtpd[452]: connect from unknown[192.0.2.1]", AT(22, 57, 38), -1, "",
     "postfix/smtpd", "452", "connect from unknown[192.0.2.1]"},
    {"2026-11-21 22:57:38+00:00 mx1 postfix/smtpd[452]: x", AT(22, 57, 38), -1, "mx1", "postfix/smtpd", "452", "x"},
    /* rsyslog, RFC 5424: a second blank before the text, the service cut from the name */
    {"<22>1 2026-11-21T22:57:35.117814+00:00 mx1 postfix 305 - -  starting the Postfix mail system",
     AT(22, 57, 35) + 117814, 22, "mx1", "postfix", "305", "starting the Postfix mail system"},
    {"<22>1 2026-11-21T22:57:32.830307+00:00 mx1 dovecot - - -  master: Dovecot v2.3.19.1 (9b53102964) starting up",
     AT(22, 57, 32) + 830307, 22, "mx1", "dovecot", "", "master: Dovecot v2.3.19.1 (9b53102964) starting up"},
    {"<18>1 2026-11-21T23:00:15.225576+00:00 mx1 pipe 1154 - -  fatal: pipe_command: execvp", AT(23, 0, 15) + 225576,
     18, "mx1", "pipe", "1154", "fatal: pipe_command: execvp"},
    /* Dovecot's log_path */
    {"2026-11-21 23:00:02 master: Info: Dovecot v2.3.19.1 (9b53102964) starting up for imap", AT(23, 0, 2), -1, "",
     "master", "", "master: Info: Dovecot v2.3.19.1 (9b53102964) starting up for imap"},
    {"2026-11-21 23:00:08 lmtp(477): Info: Connect from local", AT(23, 0, 8), -1, "", "lmtp", "477",
     "lmtp(477): Info: Connect from local"},
    {"2026-11-21 23:00:08 imap(chidi.dubois@example.org)<566><U1KAUtFgq5LGM2SH>: Info: Mailbox created: INBOX",
     AT(23, 0, 8), -1, "", "imap", "566",
     "imap(chidi.dubois@example.org)<566><U1KAUtFgq5LGM2SH>: Info: Mailbox created: INBOX"},
    {"2026-11-21 23:00:09 pop3-login: Info: Login: user=<apapadakis@example.org>, method=PLAIN", AT(23, 0, 9), -1, "",
     "pop3-login", "", "pop3-login: Info: Login: user=<apapadakis@example.org>, method=PLAIN"},
    {"2026-11-21 23:00:09 imap(4711)<566><U1KA>: Info: x", AT(23, 0, 9), -1, "", "imap", "566",
     "imap(4711)<566><U1KA>: Info: x"},
    {"2026-11-21 23:00:09 imap(user@example.com): Info: x", AT(23, 0, 9), -1, "", "imap", "",
     "imap(user@example.com): Info: x"},
    {"2026-11-21 23:00:09 imap(a name): Info: x", AT(23, 0, 9), -1, "", "imap", "", "imap(a name): Info: x"},
    {"Nov 21 23:00:09 imap(a user)<589><yZ>: Info: x", AT(23, 0, 9), -1, "", "imap", "589",
     "imap(a user)<589><yZ>: Info: x"},
    {"2026-11-21 23:00:09 imap(a)b (c)@example.com)<589><yZ>: Info: x", AT(23, 0, 9), -1, "", "imap", "589",
     "imap(a)b (c)@example.com)<589><yZ>: Info: x"},
    /* the local stamp of another writer */
    {"2026-11-21 23:00:09 mx1 postfix/smtpd[452]: x", AT(23, 0, 9), -1, "mx1", "postfix/smtpd", "452", "x"},
    {"2026-11-21 23:00:09 postfix/smtpd[452]: x", AT(23, 0, 9), -1, "", "postfix/smtpd", "452", "x"},

    /* <PRI> in front of each */
    {"<0>Nov 21 22:57:39 mx1 x[1]: y", AT(22, 57, 39), 0, "mx1", "x", "1", "y"},
    {"<191>Nov 21 22:57:39 mx1 x[1]: y", AT(22, 57, 39), 191, "mx1", "x", "1", "y"},
    {"<22>2026-11-21T22:57:39Z mx1 x[1]: y", AT(22, 57, 39), 22, "mx1", "x", "1", "y"},
    {"<22>2026-11-21 22:57:39 auth: Info: y", AT(22, 57, 39), 22, "", "auth", "", "auth: Info: y"},
    /* no host: what programs send to /dev/log */
    {"<22>Nov 21 22:57:39 postfix/smtpd[1]: x", AT(22, 57, 39), 22, "", "postfix/smtpd", "1", "x"},
    {"Nov 21 22:57:39 dovecot: x", AT(22, 57, 39), -1, "", "dovecot", "", "x"},
    {"Nov 21 22:57:39 postfix/smtpd[1]:x", AT(22, 57, 39), -1, "", "postfix/smtpd", "1", "x"},
    /* odd tags */
    {"Nov 21 22:57:39 mx1 my.prog-2_x/a/b/c[12]: y", AT(22, 57, 39), -1, "mx1", "my.prog-2_x/a/b/c", "12", "y"},
    {"Nov 21 22:57:39 mx1 (systemd)[12]: y", AT(22, 57, 39), -1, "mx1", "(systemd)", "12", "y"},
    {"Nov 21 22:57:39 mx1 a:b[12]: y", AT(22, 57, 39), -1, "mx1", "a:b", "12", "y"},
    {"Nov 21 22:57:39 mx1 java[main]: y", AT(22, 57, 39), -1, "mx1", "java[main]", "", "y"},
    {"Nov 21 22:57:39 mx1 x[]: y", AT(22, 57, 39), -1, "mx1", "x[]", "", "y"},
    {"Nov 21 22:57:39 mx1 x[12345678901]: y", AT(22, 57, 39), -1, "mx1", "x[12345678901]", "", "y"},
    {"Nov 21 22:57:39 mx1 x[12] y", AT(22, 57, 39), -1, "mx1", "x", "12", "y"},
    {"Nov 21 22:57:39 mx1 x[12]:y z", AT(22, 57, 39), -1, "mx1", "x", "12", "y z"},
    {"Nov 21 22:57:39 mx1 x[12]", AT(22, 57, 39), -1, "mx1", "x", "12", ""},
    {"Nov 21 22:57:39 mx1 x:", AT(22, 57, 39), -1, "mx1", "x", "", ""},
    {"Nov 21 22:57:39 mx1 \xff\xfe[12]: \xff", AT(22, 57, 39), -1, "mx1", "\xff\xfe", "12", "\xff"},
    {"Nov 21 22:57:39 mx1 x[1]:    y  ", AT(22, 57, 39), -1, "mx1", "x", "1", "y  "},
    {"Nov 21 22:57:39 mx1 x[1]: \tid: y[2]: z", AT(22, 57, 39), -1, "mx1", "x", "1", "\tid: y[2]: z"},
    /* no tag */
    {"Nov 21 22:57:39 mx1 text", AT(22, 57, 39), -1, "mx1", "", "", "text"},
    {"Nov 21 22:57:39 mx1 last message repeated 2 times", AT(22, 57, 39), -1, "mx1", "", "",
     "last message repeated 2 times"},
    {"Nov 21 22:57:39 mx1 12:30 it was: late", AT(22, 57, 39), -1, "mx1", "", "", "12:30 it was: late"},
    {"Nov 21 22:57:39 mx1 : text", AT(22, 57, 39), -1, "mx1", "", "", ": text"},
    {"Nov 21 22:57:39 mx1 [12]: text", AT(22, 57, 39), -1, "mx1", "[12]", "", "text"},
    {"Nov 21 22:57:39 mx1", AT(22, 57, 39), -1, "mx1", "", "", ""},
    {"Nov 21 22:57:39 ", AT(22, 57, 39), -1, "", "", "", ""},
    {"Nov 21 22:57:39", AT(22, 57, 39), -1, "", "", "", ""},
    /* hosts */
    {"Nov 21 22:57:39 192.0.2.25 x[1]: y", AT(22, 57, 39), -1, "192.0.2.25", "x", "1", "y"},
    {"Nov 21 22:57:39 2001:db8::25 x[1]: y", AT(22, 57, 39), -1, "2001:db8::25", "x", "1", "y"},
    {"Nov  1 22:57:39 mx1 x[1]: y", AT(22, 57, 39) - 20 * 86400 * INT64_C(1000000), -1, "mx1", "x", "1", "y"},

    /* RFC 5424: nil values, structured data, the byte order mark */
    {"<165>1 - - - - - -", NO_TIME, 165, "", "", "", ""},
    {"<165>1 - - - - - - text", NO_TIME, 165, "", "", "", "text"},
    {"<165>1 2026-11-21T22:57:39.003Z mx1.example.org evntslog - ID47 [exampleSDID@32473 iut=\"3\" "
     "eventSource=\"Application\" eventID=\"1011\"] \xef\xbb\xbf"
     "An application event log entry...",
     AT(22, 57, 39) + 3000, 165, "mx1.example.org", "evntslog", "", "An application event log entry..."},
    {"<165>1 2026-11-21T22:57:39Z mx1 e 1 ID47 [a x=\"] \\\" \\\\\"][b] text", AT(22, 57, 39), 165, "mx1", "e", "1",
     "text"},
    {"<165>1 2026-11-21T22:57:39Z mx1 e 1 ID47 [a]", AT(22, 57, 39), 165, "mx1", "e", "1", ""},
    {"<165>1 2026-11-21T22:57:39Z mx1 e 1 ID47 [a x=\"never ends] text", AT(22, 57, 39), 165, "mx1", "e", "1",
     "[a x=\"never ends] text"},
    {"<165>1 2026-11-21T22:57:39Z mx1 e 1 ID47 text", AT(22, 57, 39), 165, "mx1", "e", "1", "text"},
    {"<22>1 2026-11-21T22:57:39Z mx1 postfix/smtpd thread-1 - - x", AT(22, 57, 39), 22, "mx1", "postfix/smtpd", "",
     "x"},
    {"<22>1 2026-11-21T22:57:39Z mx1 postfix/smtpd 1 - - \xef\xbb\xbf x", AT(22, 57, 39), 22, "mx1", "postfix/smtpd",
     "1", "x"},
};

static const char *const none[] = {
    "pipe[738]: warning: x",
    "pipe[738]: fatal",
    "pipe: fatal: x",
    "pipe[x]: fatal: x",
    "mx1 pipe[738]: fatal: x",
    "",
    "text",
    "<22>",
    "<22>text",
    "<192>Nov 21 22:57:39 mx1 x[1]: y",
    "<>Nov 21 22:57:39 mx1 x[1]: y",
    "<0022>Nov 21 22:57:39 mx1 x[1]: y",
    "<2 >Nov 21 22:57:39 mx1 x[1]: y",
    "Nov 21 22:57:39mx1 x[1]: y",
    "Nov 21 22:57:39: x[1]: y",
    "Nov 31 22:57:39 mx1 x[1]: y",
    " Nov 21 22:57:39 mx1 x[1]: y",
    "2026-11-21T22:57:39 mx1 x[1]: y",
    "2026-11-21T22:57:39+01:00mx1 x[1]: y",
    "2026-11-31 22:57:39 auth: Info: y",
    "2026-11-21 22:57:39,123 auth: Info: y",
    "1795302459 mx1 x[1]: y",
    "1 2026-11-21T22:57:39Z mx1 x 1 - - y",
    "<22>1 2026-11-21 mx1 x 1 - - y",
    "<22>1 2026-11-21T22:57:39Z mx1 x 1",
    "<22>1  mx1 x 1 - - y",
    "<22>2 2026-11-21T22:57:39Z mx1 x 1 - - y",
    "<22>1 2026-11-21T22:57:39 mx1 x 1 - - y",
};

static struct guard guard;

static struct ps_time_context context(void)
{
    return (struct ps_time_context){.anchor_usec = AT(23, 59, 59), .last_usec = INT64_MIN};
}

static void assert_slice(struct ps_slice got, const char *want, struct ps_slice line, const char *what)
{
    if (!ps_slice_equal(got, ps_slice_from_str(want)))
        fail_msg("%.*s: %s is '%.*s', expected '%s'", (int)line.n, line.p, what, (int)got.n, got.p ? got.p : "", want);
    /* a value is a part of the line, so that its place is known */
    if (got.n && (got.p < line.p || got.p + got.n > line.p + line.n))
        fail_msg("%.*s: %s is not in the line", (int)line.n, line.p, what);
}

static void assert_untouched(const struct ps_syslog_header *h)
{
    struct ps_syslog_header want;
    memset(&want, 0x5a, sizeof want);
    assert_memory_equal(h, &want, sizeof want);
}

static void each_form_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct ps_slice line = guard_copy(&guard, ps_slice_from_str(r->line));
        struct ps_time_context time = context();
        /* twice: the second time the stamp is remembered */
        for (int pass = 0; pass < 2; pass++) {
            struct ps_syslog_header h;
            if (!ps_syslog_header_parse(line, &time, &h))
                fail_msg("not taken: %s", r->line);
            if (h.time_usec != r->time)
                fail_msg("%s: time is off by %lld us", r->line, (long long)(h.time_usec - r->time));
            assert_int_equal(h.priority, r->priority);
            assert_slice(h.host, r->host, line, "host");
            assert_slice(h.program, r->program, line, "program");
            assert_slice(h.pid, r->pid, line, "pid");
            assert_slice(h.message, r->message, line, "message");
        }
    }
}

static void other_lines_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT(none); i++) {
        struct ps_time_context time = context();
        struct ps_syslog_header h;
        memset(&h, 0x5a, sizeof h);
        if (ps_syslog_header_parse(guard_copy(&guard, ps_slice_from_str(none[i])), &time, &h))
            fail_msg("taken: %s", none[i]);
        assert_untouched(&h);
        assert_int_equal(time.last_usec, INT64_MIN);
    }
    struct ps_time_context time = context();
    struct ps_syslog_header h;
    assert_false(ps_syslog_header_parse((struct ps_slice){NULL, 0}, &time, &h));
}

/* Every beginning of every row ends at the guard page; what is taken lies within it. */
static void cut_lines_are_not_over_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT(rows) + PS_COUNT(none); i++) {
        struct ps_slice whole = ps_slice_from_str(i < PS_COUNT(rows) ? rows[i].line : none[i - PS_COUNT(rows)]);
        struct ps_time_context time = context();
        for (size_t n = 0; n <= whole.n; n++) {
            struct ps_slice line = guard_copy(&guard, ps_slice_make(whole.p, n));
            struct ps_syslog_header h;
            memset(&h, 0x5a, sizeof h);
            if (!ps_syslog_header_parse(line, &time, &h)) {
                assert_untouched(&h);
                continue;
            }
            const struct ps_slice parts[] = {h.host, h.program, h.pid, h.message};
            size_t total = 0;
            for (size_t p = 0; p < PS_COUNT(parts); p++) {
                assert_true(parts[p].n == 0 || (parts[p].p >= line.p && parts[p].p + parts[p].n <= line.p + line.n));
                total += parts[p].n;
            }
            assert_true(total <= 2 * n); /* Dovecot's message holds program and pid once more */
        }
    }
}

/* Every byte of every row, replaced. */
static void changed_lines_do_no_harm(void **state)
{
    (void)state;
    static const char bytes[] = {'\0', ' ', ':', '[', ']', '<', '>', '(', ')', '-', '"', '\\', '9', '\xff'};
    char text[256];
    size_t taken = 0, refused = 0;
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        size_t n = strlen(rows[i].line);
        assert_true(n <= sizeof text);
        struct ps_time_context time = context();
        for (size_t at = 0; at < n; at++)
            for (size_t b = 0; b < sizeof bytes; b++) {
                memcpy(text, rows[i].line, n);
                text[at] = bytes[b];
                struct ps_slice line = guard_copy(&guard, ps_slice_make(text, n));
                struct ps_syslog_header h;
                if (ps_syslog_header_parse(line, &time, &h)) {
                    taken++;
                    assert_true(h.message.n == 0 || h.message.p + h.message.n == line.p + line.n);
                    assert_true(h.priority >= -1 && h.priority <= 191);
                } else {
                    refused++;
                }
            }
    }
    assert_true(taken > 0 && refused > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_is_read),
        cmocka_unit_test(other_lines_are_refused),
        cmocka_unit_test(cut_lines_are_not_over_read),
        cmocka_unit_test(changed_lines_do_no_harm),
    };
    (void)setenv("TZ", "UTC", 1);
    tzset();
    guard_open(&guard, 512);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    guard_close(&guard);
    return failed;
}
