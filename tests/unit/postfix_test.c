/* Each kind of Postfix line that has a rule, and what tries to pass for something else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/util.h"
#include "parse/parse.h"
#include "support/event_text.h"
#include "support/guard.h"
#include "support/parser.h"

/* `tag` and `message` as they stand in a line; fields as event_text has them, behind those that the tag and the pid
 * give. */
static const struct {
    const char *tag, *message;
    enum ps_kind kind;
    const char *fields;
} rows[] = {
    {"postfix/smtpd", "connect from mail.example.net[192.0.2.7]", PS_K_CONNECT,
     "client_host=mail.example.net|client_ip=192.0.2.7"},
    {"postfix/smtpd", "connect from unknown[2001:db8::7]", PS_K_CONNECT, "client_host=unknown|client_ip=2001:db8::7"},
    {"postfix/smtpd", "connect from unknown[unknown]", PS_K_CONNECT, "client_host=unknown"},
    {"postfix/smtpd", "disconnect from mail.example.net[192.0.2.7]", PS_K_DISCONNECT,
     "client_host=mail.example.net|client_ip=192.0.2.7"},
    {"postfix/smtpd",
     "disconnect from m.example.net[192.0.2.7] ehlo=2 starttls=1 auth=0/1 mail=1 rcpt=1/2 data=1 quit=1 commands=7/9",
     PS_K_DISCONNECT,
     "client_host=m.example.net|client_ip=192.0.2.7|cmd_ehlo=2|cmd_starttls=1|cmd_auth=1|cmd_auth_accepted=0|cmd_mail="
     "1|"
     "cmd_rcpt=2|cmd_rcpt_accepted=1|cmd_data=1|cmd_quit=1|cmd_total=9|cmd_total_accepted=7"},
    {"postfix/smtpd", "disconnect from m.example.net[192.0.2.7] helo=1 xforward=2 commands=3", PS_K_DISCONNECT,
     "client_host=m.example.net|client_ip=192.0.2.7|cmd_helo=1|cmd_xforward=2|cmd_total=3"},
    {"postfix/smtpd", "4ABCDEF012: client=m.example.net[192.0.2.7]", PS_K_ACCEPTED,
     "queue_id=4ABCDEF012|client_host=m.example.net|client_ip=192.0.2.7"},
    {"postfix/smtpd",
     "48Vgh2KrYCzdW: client=m.example.net[192.0.2.7], sasl_method=PLAIN, sasl_username=anna@example.org", PS_K_ACCEPTED,
     "queue_id=48Vgh2KrYCzdW|client_host=m.example.net|client_ip=192.0.2.7|sasl_method=PLAIN|sasl_username=anna@"
     "example.org"},
    {"postfix/smtpd",
     "4ABCDEF012: client=m.example.net[192.0.2.7], sasl_method=LOGIN, sasl_username=a, b, sasl_sender=c@example.org, "
     "orig_queue_id=4ABCDEF013, orig_client=o.example.net[192.0.2.8]",
     PS_K_ACCEPTED,
     "queue_id=4ABCDEF012|client_host=m.example.net|client_ip=192.0.2.7|sasl_method=LOGIN|sasl_username=a, b|"
     "sasl_sender=c@example.org|orig_queue_id=4ABCDEF013|orig_client_host=o.example.net|orig_client_ip=192.0.2.8"},
    {"postfix/smtpd",
     "NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 <x@example.net>: Relay access denied; "
     "from=<a@example.org> to=<x@example.net> proto=ESMTP helo=<h.example.org>",
     PS_K_REJECT,
     "action=reject|smtp_stage=RCPT|client_host=unknown|client_ip=192.0.2.7|smtp_code=554|enhanced_code=5.7.1|"
     "reason=<x@example.net>: Relay access denied|from=a@example.org|to=x@example.net|proto=ESMTP|helo=h.example.org"},
    {"postfix/smtpd",
     "NOQUEUE: reject: CONNECT from unknown[192.0.2.7]: 450 4.7.25 Client host rejected: cannot find your hostname, "
     "[192.0.2.7]; proto=SMTP",
     PS_K_REJECT,
     "action=reject|smtp_stage=CONNECT|client_host=unknown|client_ip=192.0.2.7|smtp_code=450|enhanced_code=4.7.25|"
     "reason=Client host rejected: cannot find your hostname, [192.0.2.7]|proto=SMTP"},
    {"postfix/smtpd",
     "4ABCDEF012: reject: END-OF-MESSAGE from m.example.net[192.0.2.7]: 552 5.3.4 Message size exceeds fixed limit; "
     "from=<> to=<a@example.org> proto=ESMTP helo=<h> sasl_username=<anna>",
     PS_K_REJECT,
     "queue_id=4ABCDEF012|action=reject|smtp_stage=END-OF-MESSAGE|client_host=m.example.net|client_ip=192.0.2.7|"
     "smtp_code=552|enhanced_code=5.3.4|reason=Message size exceeds fixed limit|from=!|to=a@example.org|proto=ESMTP|"
     "helo=h|sasl_username=anna"},
    {"postfix/smtpd",
     "NOQUEUE: reject_warning: RCPT from unknown[192.0.2.7]: 450 4.1.8 <a@x.example>: Sender address rejected: Domain "
     "not found; from=<a@x.example> to=<b@example.org> proto=SMTP helo=<h>",
     PS_K_REJECT_WARNING,
     "action=reject_warning|smtp_stage=RCPT|client_host=unknown|client_ip=192.0.2.7|smtp_code=450|enhanced_code=4.1.8|"
     "reason=<a@x.example>: Sender address rejected: Domain not "
     "found|from=a@x.example|to=b@example.org|proto=SMTP|helo=h"},
    /* a text with "; from=<…" in it, as an access map or a blocklist may print */
    {"postfix/smtpd",
     "NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 no; from=<fake@example.net> to=<victim@example.net>; "
     "from=<a@example.org> to=<b@example.org> proto=ESMTP helo=<h>",
     PS_K_REJECT,
     "action=reject|smtp_stage=RCPT|client_host=unknown|client_ip=192.0.2.7|smtp_code=554|enhanced_code=5.7.1|"
     "reason=no; from=<fake@example.net> "
     "to=<victim@example.net>|from=a@example.org|to=b@example.org|proto=ESMTP|helo=h"},
    /* a HELO name with all of it */
    {"postfix/smtpd",
     "NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 no; from=<a@example.org> to=<b@example.org> "
     "proto=ESMTP helo=<h> to=<y> proto=SMTP helo=<z>",
     PS_K_REJECT,
     "action=reject|smtp_stage=RCPT|client_host=unknown|client_ip=192.0.2.7|smtp_code=554|enhanced_code=5.7.1|"
     "reason=no|from=a@example.org|to=b@example.org|proto=ESMTP|helo=h> to=<y> proto=SMTP helo=<z"},
    {"postfix/smtpd",
     "NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 no; from=<a@example.org> to=<b@example.org> "
     "proto=ESMTP helo=<h>; from=<x> to=<y> proto=SMTP helo=<z>",
     PS_K_REJECT,
     "action=reject|smtp_stage=RCPT|client_host=unknown|client_ip=192.0.2.7|smtp_code=554|enhanced_code=5.7.1|"
     "reason=no; from=<a@example.org> to=<b@example.org> proto=ESMTP helo=<h>; from=<x> to=<y> proto=SMTP "
     "helo=<z>|ambiguous=!"},
    /* a recipient that holds the rest of the line, or a HELO name that holds its end: nobody knows */
    {"postfix/smtpd",
     "NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 no; from=<a@example.org> to=<\"; from=<x> to=<y> "
     "proto=SMTP "
     "helo=<z\"@example.org> proto=ESMTP helo=<h>",
     PS_K_REJECT,
     "action=reject|smtp_stage=RCPT|client_host=unknown|client_ip=192.0.2.7|smtp_code=554|enhanced_code=5.7.1|"
     "reason=no; from=<a@example.org> to=<\"; from=<x> to=<y> proto=SMTP helo=<z\"@example.org> proto=ESMTP "
     "helo=<h>|ambiguous=!"},
    {"postfix/smtpd",
     "NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 no; from=<a@example.org> to=<\"; from=<x> to=<y> "
     "proto=SMTP helo=<z> "
     "sasl_username=<q\"@example.org> proto=ESMTP helo=<h>",
     PS_K_REJECT,
     "action=reject|smtp_stage=RCPT|client_host=unknown|client_ip=192.0.2.7|smtp_code=554|enhanced_code=5.7.1|"
     "reason=no; from=<a@example.org> to=<\"; from=<x> to=<y> proto=SMTP helo=<z> sasl_username=<q\"@example.org> "
     "proto=ESMTP helo=<h>|ambiguous=!"},
    {"postfix/smtpd",
     "warning: unknown[192.0.2.7]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=anna@example.org",
     PS_K_LOGIN_FAILED,
     "severity=warning|client_host=unknown|client_ip=192.0.2.7|sasl_method=LOGIN|auth_reason=UGFzc3dvcmQ6|"
     "sasl_username=anna@example.org"},
    {"postfix/smtpd", "warning: unknown[192.0.2.7]: SASL PLAIN authentication failed: authentication failure",
     PS_K_LOGIN_FAILED,
     "severity=warning|client_host=unknown|client_ip=192.0.2.7|sasl_method=PLAIN|auth_reason=authentication failure"},
    /* a login that holds the name of another */
    {"postfix/smtpd",
     "warning: unknown[192.0.2.7]: SASL PLAIN authentication failed: , sasl_username=x, sasl_username=root",
     PS_K_LOGIN_FAILED,
     "severity=warning|client_host=unknown|client_ip=192.0.2.7|sasl_method=PLAIN|auth_reason=!|sasl_username=x, "
     "sasl_username=root"},
    {"postfix/smtpd", "lost connection after RCPT from unknown[192.0.2.7]", PS_K_CONNECTION_LOST,
     "lost_stage=RCPT|client_host=unknown|client_ip=192.0.2.7"},
    {"postfix/smtpd", "lost connection after DATA (1234 bytes) from unknown[192.0.2.7]", PS_K_CONNECTION_LOST,
     "lost_stage=DATA|bytes=1234|client_host=unknown|client_ip=192.0.2.7"},
    {"postfix/smtpd", "timeout after END-OF-MESSAGE from unknown[192.0.2.7]", PS_K_TIMEOUT,
     "lost_stage=END-OF-MESSAGE|client_host=unknown|client_ip=192.0.2.7"},
    {"postfix/cleanup", "4ABCDEF012: message-id=<1@example.org>", PS_K_MESSAGE_ID,
     "queue_id=4ABCDEF012|message_id=1@example.org"},
    {"postfix/cleanup", "4ABCDEF012: message-id=<>", PS_K_MESSAGE_ID, "queue_id=4ABCDEF012|message_id=!"},
    {"postfix/cleanup", "4ABCDEF012: message-id=no brackets", PS_K_MESSAGE_ID,
     "queue_id=4ABCDEF012|message_id=no brackets"},
    {"postfix/cleanup", "4ABCDEF012: message-id=<a> b@example.org>", PS_K_MESSAGE_ID,
     "queue_id=4ABCDEF012|message_id=a> b@example.org"},
    {"postfix/cleanup", "4ABCDEF012: resent-message-id=<1@example.org>", PS_K_MESSAGE_ID,
     "queue_id=4ABCDEF012|resent_message_id=1@example.org"},
    {"postfix/qmgr", "4ABCDEF012: from=<a@example.org>, size=7925, nrcpt=2 (queue active)", PS_K_QUEUED,
     "queue_id=4ABCDEF012|from=a@example.org|size=7925|nrcpt=2"},
    {"postfix/qmgr", "4ABCDEF012: from=<>, size=1, nrcpt=1 (queue active)", PS_K_QUEUED,
     "queue_id=4ABCDEF012|from=!|size=1|nrcpt=1"},
    {"postfix/qmgr", "4ABCDEF012: from=<\"a>, size=1\"@example.org>, size=7925, nrcpt=1 (queue active)", PS_K_QUEUED,
     "queue_id=4ABCDEF012|from=\"a>, size=1\"@example.org|size=7925|nrcpt=1"},
    {"postfix/qmgr", "4ABCDEF012: removed", PS_K_REMOVED, "queue_id=4ABCDEF012"},
    {"postfix/smtp",
     "4ABCDEF012: to=<b@example.net>, relay=mx.example.net[192.0.2.9]:25, delay=1.9, delays=1.4/0.01/0.24/0.31, "
     "dsn=2.0.0, "
     "status=sent (250 2.0.0 Ok: queued as 4ABCDEF099)",
     PS_K_DELIVERY,
     "queue_id=4ABCDEF012|to=b@example.net|relay_host=mx.example.net|relay_ip=192.0.2.9|relay_port=25|delay=1.9|"
     "delay_before_qmgr=1.4|delay_in_qmgr=0.01|delay_conn_setup=0.24|delay_transmission=0.31|dsn=2.0.0|status=sent|"
     "reason=250 2.0.0 Ok: queued as 4ABCDEF099|smtp_code=250|enhanced_code=2.0.0|response=Ok: queued as 4ABCDEF099"},
    {"postfix/smtp",
     "4ABCDEF012: to=<b@example.net>, orig_to=<c@example.org>, relay=mx.example.net[2001:db8::9]:25, conn_use=3, "
     "delay=15, "
     "delays=15/0/0/0, dsn=5.1.1, status=bounced (host mx.example.net[2001:db8::9] said: 550 5.1.1 <b@example.net>: "
     "User unknown (in "
     "reply to RCPT TO command))",
     PS_K_DELIVERY,
     "queue_id=4ABCDEF012|to=b@example.net|orig_to=c@example.org|relay_host=mx.example.net|relay_ip=2001:db8::9|relay_"
     "port=25|"
     "conn_use=3|delay=15|delay_before_qmgr=15|delay_in_qmgr=0|delay_conn_setup=0|delay_transmission=0|dsn=5.1.1|"
     "status=bounced|reason=host mx.example.net[2001:db8::9] said: 550 5.1.1 <b@example.net>: User unknown (in reply "
     "to RCPT TO "
     "command)|responder_host=mx.example.net|responder_ip=2001:db8::9|smtp_code=550|enhanced_code=5.1.1|"
     "response=<b@example.net>: User unknown|smtp_stage=RCPT TO"},
    {"postfix/smtp",
     "4ABCDEF012: to=<b@example.net>, relay=none, delay=0.1, delays=0/0/0.1/0, dsn=4.4.1, status=deferred (connect to "
     "mx.example.net[192.0.2.9]:25: Connection refused)",
     PS_K_DELIVERY,
     "queue_id=4ABCDEF012|to=b@example.net|relay=none|delay=0.1|delay_before_qmgr=0|delay_in_qmgr=0|delay_conn_setup=0."
     "1|"
     "delay_transmission=0|dsn=4.4.1|status=deferred|reason=connect to mx.example.net[192.0.2.9]:25: Connection "
     "refused|responder_host=mx.example.net|responder_ip=192.0.2.9"},
    {"postfix/smtp",
     "4ABCDEF012: to=<b@example.net>, relay=mx[192.0.2.9]:25, delay=1, delays=1/0/0/0, dsn=4.3.0, status=deferred "
     "(host "
     "mx[192.0.2.9] refused to talk to me: 421 too many connections)",
     PS_K_DELIVERY,
     "queue_id=4ABCDEF012|to=b@example.net|relay_host=mx|relay_ip=192.0.2.9|relay_port=25|delay=1|delay_before_qmgr=1|"
     "delay_in_qmgr=0|delay_conn_setup=0|delay_transmission=0|dsn=4.3.0|status=deferred|reason=host mx[192.0.2.9] "
     "refused to "
     "talk to me: 421 too many connections|responder_host=mx|responder_ip=192.0.2.9|smtp_code=421|response=too many "
     "connections"},
    {"postfix/lmtp",
     "4ABCDEF012: to=<b@example.org>, relay=mail.example.org[private/dovecot-lmtp], delay=0.1, delays=0.1/0/0/0, "
     "dsn=2.0.0, "
     "status=sent (250 2.0.0 <b@example.org> xyz Saved)",
     PS_K_DELIVERY,
     "queue_id=4ABCDEF012|to=b@example.org|relay_host=mail.example.org|relay_path=private/dovecot-lmtp|delay=0.1|"
     "delay_before_qmgr=0.1|delay_in_qmgr=0|delay_conn_setup=0|delay_transmission=0|dsn=2.0.0|status=sent|"
     "reason=250 2.0.0 <b@example.org> xyz Saved|smtp_code=250|enhanced_code=2.0.0|response=<b@example.org> xyz Saved"},
    {"postfix/local",
     "4ABCDEF012: to=<b@example.org>, relay=local, delay=0.1, delays=0.1/0/0/0, dsn=5.1.1, status=bounced (unknown "
     "user: \"b\")",
     PS_K_DELIVERY,
     "queue_id=4ABCDEF012|to=b@example.org|relay=local|delay=0.1|delay_before_qmgr=0.1|delay_in_qmgr=0|delay_conn_"
     "setup=0|"
     "delay_transmission=0|dsn=5.1.1|status=bounced|reason=unknown user: \"b\""},
    {"postfix/virtual",
     "4ABCDEF012: to=<b@example.org>, relay=virtual, delay=0.1, delays=0.1/0/0/0, dsn=2.0.0, status=sent (delivered to "
     "maildir)",
     PS_K_DELIVERY,
     "queue_id=4ABCDEF012|to=b@example.org|relay=virtual|delay=0.1|delay_before_qmgr=0.1|delay_in_qmgr=0|delay_conn_"
     "setup=0|"
     "delay_transmission=0|dsn=2.0.0|status=sent|reason=delivered to maildir"},
    {"postfix/pipe",
     "4ABCDEF012: to=<b@example.org>, relay=spamfilter, delay=0.1, delays=0.1/0/0/0, dsn=4.3.0, status=deferred "
     "(temporary "
     "failure. Command output: (a) to=<x@example.net>, relay=none, status=sent (250 ok))",
     PS_K_DELIVERY,
     "queue_id=4ABCDEF012|to=b@example.org|relay=spamfilter|delay=0.1|delay_before_qmgr=0.1|delay_in_qmgr=0|"
     "delay_conn_setup=0|delay_transmission=0|dsn=4.3.0|status=deferred|reason=temporary failure. Command output: (a) "
     "to=<x@example.net>, relay=none, status=sent (250 ok)"},
    {"postfix/error",
     "4ABCDEF012: to=<b@example.org>, relay=none, delay=0.1, delays=0.1/0/0/0, dsn=5.0.0, status=bounced (no mail "
     "here)",
     PS_K_DELIVERY,
     "queue_id=4ABCDEF012|to=b@example.org|relay=none|delay=0.1|delay_before_qmgr=0.1|delay_in_qmgr=0|delay_conn_setup="
     "0|"
     "delay_transmission=0|dsn=5.0.0|status=bounced|reason=no mail here"},
    {"postfix/discard",
     "4ABCDEF012: to=<b@example.org>, relay=none, delay=0.1, delays=0.1/0/0/0, dsn=2.0.0, status=sent (example.org)",
     PS_K_DELIVERY,
     "queue_id=4ABCDEF012|to=b@example.org|relay=none|delay=0.1|delay_before_qmgr=0.1|delay_in_qmgr=0|delay_conn_setup="
     "0|"
     "delay_transmission=0|dsn=2.0.0|status=sent|reason=example.org"},
    /* a recipient that holds a whole delivery; a key that Postfix doesn't print yet; a line that syslog has cut */
    {"postfix/smtp",
     "4ABCDEF012: to=<\"x@example.net>, relay=none, status=sent (250 ok)\"@example.org>, relay=none, tls=yes, delay=1, "
     "delays=1/0/0/0, dsn=4.4.1, status=deferred (x",
     PS_K_DELIVERY,
     "queue_id=4ABCDEF012|to=\"x@example.net>, relay=none, status=sent (250 "
     "ok)\"@example.org|relay=none|extra=tls=yes|delay=1|"
     "delay_before_qmgr=1|delay_in_qmgr=0|delay_conn_setup=0|delay_transmission=0|dsn=4.4.1|status=deferred|reason=x"},
    {"postfix/anvil", "statistics: max connection rate 7/60s for (smtp:192.0.2.7) at Nov 21 22:57:39",
     PS_K_ANVIL_STATISTICS,
     "anvil_rate_kind=connection|anvil_rate=7|anvil_period=60|service=smtp|client_ip=192.0.2.7|anvil_at=Nov 21 "
     "22:57:39"},
    {"postfix/anvil", "statistics: max connection count 3 for (127.0.0.1:10025:2001:db8::7) at Nov  1 22:57:39",
     PS_K_ANVIL_STATISTICS,
     "anvil_rate_kind=connection|anvil_count=3|service=127.0.0.1:10025|client_ip=2001:db8::7|anvil_at=Nov  1 22:57:39"},
    {"postfix/anvil", "statistics: max message rate 7/60s for (smtp:unknown) at Nov 21 22:57:39", PS_K_ANVIL_STATISTICS,
     "anvil_rate_kind=message|anvil_rate=7|anvil_period=60|service=smtp|anvil_at=Nov 21 22:57:39"},
    {"postfix/anvil", "statistics: max cache size 4 at Nov 21 22:57:39", PS_K_ANVIL_STATISTICS,
     "anvil_cache_size=4|anvil_at=Nov 21 22:57:39"},
    /* no rule: the severity and the queue id are kept, nothing is made up */
    {"postfix/smtpd", "something about x[192.0.2.7]", PS_K_OTHER, ""},
    {"postfix/mytool", "warning: something about x[192.0.2.7]", PS_K_OTHER, ""},
    /* no rule but the severity's */
    {"postfix/smtpd", "warning: something about x[192.0.2.7]", PS_K_WARNING,
     "severity=warning|reason=something about x[192.0.2.7]"},
    {"postfix/smtpd", "panic: 4ABCDEF012: x", PS_K_PANIC, "severity=panic|queue_id=4ABCDEF012|reason=x"},
    {"postfix/cleanup",
     "4ABCDEF012: warning: header Subject: from=<fake@example.net> to=<x@example.net>, status=sent (250 ok) from local",
     PS_K_HEADER_MATCH,
     "queue_id=4ABCDEF012|action=warning|header_name=Subject|header_value=from=<fake@example.net> "
     "to=<x@example.net>, status=sent (250 ok) from local"},
    {"postfix/cleanup", "4ABCDEF012: something new", PS_K_OTHER, "queue_id=4ABCDEF012"},
    {"postfix/local", "statistics: max cache size 4 at Nov 21 22:57:39", PS_K_OTHER, ""},
};

static void rows_parse(void **state)
{
    struct ps_parser *parser = *state;
    struct guard guard;
    guard_open(&guard, 8192);
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        struct ps_buf line = {.max = 8192}, out = {.max = 65536};
        ps_buf_printf(&line, "Nov 21 22:57:39 mx1 %s[123]: %s", rows[i].tag, rows[i].message);
        struct ps_event ev;
        ps_event_init(&ev);
        struct ps_time_context time = {.last_usec = INT64_MIN};
        (void)ps_parser_run(parser, &ev, guard_copy(&guard, ps_buf_slice(&line)), &time);
        event_text(&ev, &out);
        const char *slash = strchr(rows[i].tag, '/');
        struct ps_buf want = {.max = 65536};
        ps_buf_printf(&want, "program=%s|instance=postfix|pid=123%s%s", slash + 1, *rows[i].fields ? "|" : "",
                      rows[i].fields);
        assert_string_equal(ps_buf_cstr(&out), ps_buf_cstr(&want));
        if (ev.kind != rows[i].kind)
            fail_msg("\"%s\": kind %s", rows[i].message, ps_kind_name(ev.kind));
        assert_true(ps_slice_equal(ev.message, ps_slice_from_str(rows[i].message)));

        /* no prefix of a line, and no byte behind it, makes the parser read what isn't there */
        for (size_t n = 0; n < line.n; n++) {
            struct ps_slice part = guard_copy(&guard, (struct ps_slice){line.p, n});
            (void)ps_parser_run(parser, &ev, part, &time);
            for (unsigned v = 0; v < ev.n; v++) {
                struct ps_slice value = ev.values[v].value;
                bool inside = value.p >= part.p && value.p + value.n <= part.p + part.n;
                assert_true(inside || value.n == 0);
            }
        }
        ps_event_done(&ev);
        ps_buf_done(&line);
        ps_buf_done(&out);
        ps_buf_done(&want);
    }
    guard_close(&guard);
}

/* How a tag becomes instance, service and program. */
static const struct {
    const char *line, *fields;
    enum ps_verdict verdict;
} tags[] = {
    {"Nov 21 22:57:39 mx1 postfix/smtpd[1]: connect from a[192.0.2.1]",
     "program=smtpd|instance=postfix|pid=1|client_host=a|client_ip=192.0.2.1", PS_PARSED},
    {"Nov 21 22:57:39 mx1 postfix-out/submission/smtpd[1]: connect from a[192.0.2.1]",
     "program=smtpd|instance=postfix-out|service=submission|pid=1|client_host=a|client_ip=192.0.2.1", PS_PARSED},
    {"Nov 21 22:57:39 mx1 postfix/a/b.c/smtpd[1]: connect from a[192.0.2.1]",
     "program=smtpd|instance=postfix|service=a/b.c|pid=1|client_host=a|client_ip=192.0.2.1", PS_PARSED},
    {"Nov 21 22:57:39 mx1 smtpd[1]: connect from a[192.0.2.1]", "program=smtpd|pid=1|client_host=a|client_ip=192.0.2.1",
     PS_PARSED},
    {"<22>1 2026-11-21T22:57:39.123456+00:00 mx1 postfix 1 - -  connect from a[192.0.2.1]",
     "program=postfix|pid=1|client_host=a|client_ip=192.0.2.1|facility=mail|severity=info", PS_PARSED},
    {"<22>1 2026-11-21T22:57:39.123456+00:00 mx1 postfix-out 1 - -  connect from a[192.0.2.1]",
     "program=postfix-out|pid=1|client_host=a|client_ip=192.0.2.1|facility=mail|severity=info", PS_PARSED},
    {"<20>Nov 21 22:57:39 mx1 postfix/smtpd[1]: warning: x",
     "program=smtpd|instance=postfix|pid=1|severity=warning|reason=x|facility=mail", PS_PARSED},
    {"Nov 21 22:57:39 mx1 sshd[1]: connect from a[192.0.2.1]", "program=sshd|pid=1", PS_UNKNOWN},
    {"no syslog line at all", "", PS_NOT_SYSLOG},
    {"", "", PS_NOT_SYSLOG},
};

static void tags_split(void **state)
{
    for (size_t i = 0; i < PS_COUNT(tags); i++)
        line_fields_check(*state, tags[i].line, tags[i].verdict, tags[i].fields);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_parse),
        cmocka_unit_test(tags_split),
    };
    return cmocka_run_group_tests(tests, parser_open, parser_close);
}
