/* Credentials in verbose and debugging lines: none may be found in what is encoded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/util.h"
#include "format/json.h"
#include "line.h"
#include "support/guard.h"
#include "transform/secrets.h"

enum { LINE_MAX_LEN = 4096, JSON_MAX = 1 << 20 };

#define HEAD     "2026-11-21T22:57:39Z mx1 "
#define SMTPD    HEAD "postfix/smtpd[7]: "
#define SMTP     HEAD "postfix/smtp[7]: "
#define DOVECOT  HEAD "dovecot: "
#define OWN_LOG  "2026-11-21 22:57:39 "
#define IS       "[removed]"
#define USER_B64 "dXNlckBleGFtcGxlLm9yZw==" /* user@example.org */
#define PASS_B64 "Z2VoZWltLXB3"             /* geheim-pw */
#define RESP_B64 "AHVzZXIAZ2VoZWltLXB3"     /* NUL user NUL geheim-pw */

/* head and text make the line. Where the secret is NULL nothing may change; else the message is `message`. */
static const struct {
    const char *head, *text, *message, *secret;
} rows[] = {
    /* Postfix: what client and server say; smtpd_chat.c, smtp_chat.c */
    {SMTPD, "< a.example.net[192.0.2.1]: AUTH PLAIN " RESP_B64, "< a.example.net[192.0.2.1]: AUTH PLAIN " IS, RESP_B64},
    {SMTPD, "< a.example.net[192.0.2.1]: auth  plain  " RESP_B64, "< a.example.net[192.0.2.1]: auth  plain  " IS,
     RESP_B64},
    {SMTPD, "< a.example.net[192.0.2.1]: AUTH LOGIN " USER_B64, "< a.example.net[192.0.2.1]: AUTH LOGIN " IS, USER_B64},
    {SMTPD, "< a.example.net[192.0.2.1]: AUTH X-OWN " PASS_B64, "< a.example.net[192.0.2.1]: AUTH X-OWN " IS, PASS_B64},
    {SMTPD, "< a.example.net[192.0.2.1]: AUTH XOAUTH2 " RESP_B64 " x", "< a.example.net[192.0.2.1]: AUTH XOAUTH2 " IS,
     RESP_B64},
    {SMTPD, "< unknown[2001:db8::1]: " PASS_B64, "< unknown[2001:db8::1]: " IS, PASS_B64},
    {SMTPD, "< a.example.net[192.0.2.1]:4711: " PASS_B64, "< a.example.net[192.0.2.1]:4711: " IS, PASS_B64},
    {SMTPD, "< a.example.net[192.0.2.1]: eA==", "< a.example.net[192.0.2.1]: " IS, "eA=="},
    {SMTPD, "< a.example.net[192.0.2.1]: geheim, not base64", "< a.example.net[192.0.2.1]: " IS, "geheim"},
    {SMTPD, "< a.example.net[192.0.2.1]: *", "< a.example.net[192.0.2.1]: " IS, "*"},
    {SMTPD, "> a.example.net[192.0.2.1]: 334 UGFzc3dvcmQ6", "> a.example.net[192.0.2.1]: 334 " IS, "UGFzc3dvcmQ6"},
    {SMTP, "> mx.example.net[192.0.2.1]:587: AUTH PLAIN " RESP_B64, "> mx.example.net[192.0.2.1]:587: AUTH PLAIN " IS,
     RESP_B64},
    {SMTP, "> mx.example.net[192.0.2.1]:587: " PASS_B64, "> mx.example.net[192.0.2.1]:587: " IS, PASS_B64},
    {SMTP, "< mx.example.net[192.0.2.1]:587: 334 UGFzc3dvcmQ6", "< mx.example.net[192.0.2.1]:587: 334 " IS,
     "UGFzc3dvcmQ6"},
    {"<22>1 " HEAD "postfix 7 - - ", "< a.example.net[192.0.2.1]: " PASS_B64, "< a.example.net[192.0.2.1]: " IS,
     PASS_B64},
    {SMTPD, "< a.example.net[192.0.2.1]: AUTH LOGIN", NULL, NULL},
    {SMTPD, "< a.example.net[192.0.2.1]: EHLO PLAIN", NULL, NULL},
    {SMTPD, "< a.example.net[192.0.2.1]: MAIL FROM:<user@example.org> AUTH=<>", NULL, NULL},
    {SMTPD, "< a.example.net[192.0.2.1]: QUIT", NULL, NULL},
    {SMTPD, "> a.example.net[192.0.2.1]: 250-AUTH PLAIN LOGIN CRAM-MD5", NULL, NULL},
    {SMTPD, "> a.example.net[192.0.2.1]: 250 AUTH PLAIN LOGIN", NULL, NULL},
    {SMTPD, "> a.example.net[192.0.2.1]: 235 2.7.0 Authentication successful", NULL, NULL},
    {SMTP, "< mx.example.net[192.0.2.1]:587: 535 5.7.8 Error: authentication failed", NULL, NULL},
    {SMTP, "> mx.example.net[192.0.2.1]:587: .", NULL, NULL},
    {HEAD "other[1]: ", "< tag: text", NULL, NULL},

    /* what came before its time, and after a refused AUTH */
    {SMTPD, "improper command pipelining after AUTH from a.example.net[192.0.2.1]: " USER_B64 "\\r\\n" PASS_B64,
     "improper command pipelining after AUTH from a.example.net[192.0.2.1]: " IS, USER_B64},
    {HEAD "postfix/postscreen[7]: ", "PREGREET 40 after 0.1 from [192.0.2.1]:5: AUTH LOGIN\\r\\n" PASS_B64 "\\r\\n",
     "PREGREET 40 after 0.1 from [192.0.2.1]:5: AUTH LOGIN" IS, PASS_B64},
    {HEAD "postfix/postscreen[7]: ", "COMMAND PIPELINING from [192.0.2.1]:5 after AUTH: " PASS_B64,
     "COMMAND PIPELINING from [192.0.2.1]:5 after AUTH: " IS, PASS_B64},
    {SMTPD, "warning: non-SMTP command from a.example.net[192.0.2.1]: Authorization: Basic " PASS_B64,
     "warning: non-SMTP command from a.example.net[192.0.2.1]: Authorization:" IS, PASS_B64},
    {SMTPD, "a.example.net[192.0.2.1]: replacing command \"AUTH PLAIN " RESP_B64 "\" with \"NOOP\"",
     "a.example.net[192.0.2.1]: replacing command \"AUTH PLAIN " IS, RESP_B64},
    {SMTPD, "match_string: smtpd_forbidden_commands: " PASS_B64 " ~? CONNECT",
     "match_string: smtpd_forbidden_commands: " IS " ~? CONNECT", PASS_B64},
    {SMTPD, "match_list_match: " PASS_B64 ": no match", "match_list_match: " IS ": no match", PASS_B64},
    {SMTPD, "match_string: smtpd_forbidden_commands: EHLO ~? CONNECT", NULL, NULL},
    {SMTPD, "match_list_match: a.example.net: no match", NULL, NULL},
    {SMTPD, "match_list_match: EHLO: no match", NULL, NULL},
    {SMTPD, "lost connection after AUTH from a.example.net[192.0.2.1]", NULL, NULL},
    {SMTPD, "warning: AUTH command rate limit exceeded: 9 from a.example.net[192.0.2.1] for service smtp", NULL, NULL},

    /* Postfix: SASL; smtp_sasl_glue.c, src/xsasl */
    {SMTPD, "xsasl_dovecot_server_first: sasl_method PLAIN, init_response " RESP_B64,
     "xsasl_dovecot_server_first: sasl_method PLAIN, init_response " IS, RESP_B64},
    {SMTPD, "xsasl_cyrus_server_first: decoded initial response user geheim", //
     "xsasl_cyrus_server_first: decoded initial response " IS, "geheim"},
    {SMTPD, "xsasl_cyrus_server_next: decoded response: geheim", "xsasl_cyrus_server_next: decoded response: " IS,
     "geheim"},
    {SMTPD, "xsasl_cyrus_server_auth_response: uncoded server challenge: <17.4@mx1>",
     "xsasl_cyrus_server_auth_response: uncoded server challenge: " IS, "<17.4"},
    {SMTP, "xsasl_cyrus_client_first: uncoded initial reply: ?user?geheim",
     "xsasl_cyrus_client_first: uncoded initial reply: " IS, "geheim"},
    {SMTP, "xsasl_cyrus_client_next: decoded challenge: <17.4@mx1>", //
     "xsasl_cyrus_client_next: decoded challenge: " IS, "<17.4"},
    {SMTP, "xsasl_cyrus_client_next: uncoded client response user geheim",
     "xsasl_cyrus_client_next: uncoded client response " IS, "geheim"},
    {SMTP, "xsasl_cyrus_client_get_passwd: geheim", "xsasl_cyrus_client_get_passwd: " IS, "geheim"},
    {SMTP, "smtp_sasl_passwd_lookup: host `mx.example.net' user `u@example.org' pass `geh'eim'",
     "smtp_sasl_passwd_lookup: host `mx.example.net' user `u@example.org' pass `" IS "'", "geh'eim"},
    {SMTPD, "xsasl_dovecot_handle_reply: auth reply: CONT?6?UGFzc3dvcmQ6",
     "xsasl_dovecot_handle_reply: auth reply: CONT?6?" IS, "UGFzc3dvcmQ6"},
    {SMTPD, "xsasl_dovecot_handle_reply: auth reply: OK?6?user=u@example.org?resp=" PASS_B64,
     "xsasl_dovecot_handle_reply: auth reply: OK?6?user=u@example.org?resp=" IS, PASS_B64},
    {SMTP, "warning: bad smtp_sasl_auth_cache entry: 17;geheim;", "warning: bad smtp_sasl_auth_cache entry: " IS,
     "geheim"},
    {SMTPD, "warning: SASL authentication pass: geheim", "warning: SASL authentication pass: " IS, "geheim"},
    {SMTPD, "SASL authentication trace: geheim", "SASL authentication trace: " IS, "geheim"},
    {SMTPD, "xsasl_dovecot_server_first: sasl_method LOGIN", NULL, NULL},
    {SMTPD, "warning: a.example.net[192.0.2.1]: SASL LOGIN authentication failed: UGFzc3dvcmQ6", NULL, NULL},
    {SMTP, "smtp_sasl_passwd_lookup: no auth info found (sender=`u@example.org', host=`mx.example.net')", NULL, NULL},

    /* Postfix: tables */
    {SMTP, "maps_find: smtp_sasl_password_maps: hash:/etc/postfix/sasl: mx.example.net = user:geheim",
     "maps_find: smtp_sasl_password_maps: hash:/etc/postfix/sasl: mx.example.net = " IS, "geheim"},
    {SMTP, "maps_find: smtp_sasl_password_maps: mx.example.net: not found", NULL, NULL},
    {SMTP, "dict_proxy_lookup: table=hash:/etc/sasl flags=lock|fold_fix key=mx -> status=0 result=u:geheim",
     "dict_proxy_lookup: table=hash:/etc/sasl flags=lock|fold_fix key=mx -> status=0 result=" IS, "geheim"},
    {SMTP, "dict_proxy_update: table=btree:sasl_cache flags=lock key=mx;u value=17;geheim;5.7.8;no -> status=0",
     "dict_proxy_update: table=btree:sasl_cache flags=lock key=mx;u value=" IS, "geheim"},
    {SMTP, "dict_proxy_lookup: table=hash:/etc/aliases flags=lock key=a -> status=0 result=b", NULL, NULL},
    {SMTP, "hash:/etc/sasl_passwd lookup: \"mx\" = \"u:geheim\"", "hash:/etc/sasl_passwd lookup: \"mx\" = \"" IS,
     "geheim"},
    {SMTP, "hash:/etc/aliases lookup: \"a\" = \"b\"", NULL, NULL},
    {SMTP, "input attribute value: user@example.org:geheim", "input attribute value: user@example.org:" IS, "geheim"},
    {SMTP, "send attr value = unixuser:geheim", "send attr value = unixuser:" IS, "geheim"},
    {SMTPD, "input attribute value: unix:private/dovecot-lmtp", NULL, NULL},
    {SMTPD, "input attribute value: 2001:db8::1", NULL, NULL},
    {SMTPD, "input attribute value: abba::1", NULL, NULL},
    {SMTPD, "input attribute value: user@example.org", NULL, NULL},
    {SMTPD, "cfg_get_str: /etc/postfix/users.cf: password = ge heim",
     "cfg_get_str: /etc/postfix/users.cf: password = " IS, "ge heim"},
    {SMTPD, "cfg_get_str: /etc/postfix/ldap.cf: bind_pw = geheim", "cfg_get_str: /etc/postfix/ldap.cf: bind_pw = " IS,
     "geheim"},
    {SMTPD, "cfg_get_str: /etc/postfix/pg.cf: hosts = postgresql://u@db.example.org:5432/x", NULL, NULL},
    {SMTPD, "cfg_get_str: x: smtp_sasl_password_maps = hash:/etc/postfix/sasl", NULL, NULL},

    /* Dovecot: src/auth */
    {DOVECOT, "auth: passwd-file(u@example.org,192.0.2.1,<s>): unknown user (given password: ge)heim)",
     "auth: passwd-file(u@example.org,192.0.2.1,<s>): unknown user (given password: " IS ")", "ge)heim"},
    {DOVECOT, "auth: ldap(u,192.0.2.1): Password mismatch (SHA1 of given password: d0be2d) - trying the next passdb",
     "auth: ldap(u,192.0.2.1): Password mismatch (SHA1 of given password: " IS ") - trying the next passdb", "d0be2d"},
    {OWN_LOG,
     "auth: Info: pam(u,192.0.2.1): pam_authenticate() failed: no (Password mismatch?) (given password: geheim)",
     "auth: Info: pam(u,192.0.2.1): pam_authenticate() failed: no (Password mismatch?) (given password: " IS ")",
     "geheim"},
    {DOVECOT, "auth: Debug: client in: AUTH#0111#011PLAIN#011service=imap#011resp=" RESP_B64 " (previous base64 data)",
     "auth: Debug: client in: AUTH#0111#011PLAIN#011service=imap#011resp=" IS, RESP_B64},
    {OWN_LOG, "auth: Debug: client in: AUTH\t1\tPLAIN\tservice=imap\tresp=" RESP_B64,
     "auth: Debug: client in: AUTH\t1\tPLAIN\tservice=imap\tresp=" IS, RESP_B64},
    {DOVECOT, "auth: Debug: client in: AUTH^I1^IPLAIN^Iresp=" RESP_B64,
     "auth: Debug: client in: AUTH^I1^IPLAIN^Iresp=" IS, RESP_B64},
    {DOVECOT, "auth: Debug: client in: CONT#01112#011" PASS_B64 " (previous base64 data may contain sensitive data)",
     "auth: Debug: client in: CONT#01112#011" IS, PASS_B64},
    {OWN_LOG, "auth: Debug: client in: CONT\t12\t" PASS_B64, "auth: Debug: client in: CONT\t12\t" IS, PASS_B64},
    {DOVECOT, "auth: Debug: client passdb out: CONT#01112#011" PASS_B64,
     "auth: Debug: client passdb out: CONT#01112#011" IS, PASS_B64},
    {DOVECOT, "lmtp(7): Debug: auth input: CONT\\t1\\t" PASS_B64, "lmtp(7): Debug: auth input: CONT\\t1\\t" IS,
     PASS_B64},
    {DOVECOT, "auth: Debug: passwd-file(u,192.0.2.1): PLAIN(ge) != 'heim) != 'ge'heim'",
     "auth: Debug: passwd-file(u,192.0.2.1): PLAIN(" IS "'", "heim"},
    {DOVECOT, "auth: Debug: sql(u,192.0.2.1): SHA512-CRYPT(geheim) != '$6$x$geheim', try PLAIN scheme instead",
     "auth: Debug: sql(u,192.0.2.1): SHA512-CRYPT(" IS "', try PLAIN scheme instead", "geheim"},
    {DOVECOT, "auth: Debug: sql(u,192.0.2.1): Generating CRAM-MD5 from user 'u', password 'ge'heim'",
     "auth: Debug: sql(u,192.0.2.1): Generating CRAM-MD5 from user 'u', password '" IS "'", "ge'heim"},
    {DOVECOT, "auth: Error: sql(u,192.0.2.1): Invalid password 'geheim' in passdb: bad",
     "auth: Error: sql(u,192.0.2.1): Invalid password '" IS "' in passdb: bad", "geheim"},
    {DOVECOT, "auth: sql(u): Requested CRAM-MD5 scheme, but we have only MD5 (input: geheim)",
     "auth: sql(u): Requested CRAM-MD5 scheme, but we have only MD5 (input: " IS ")", "geheim"},
    {DOVECOT, "auth: Debug: Credentials: e02fbd3e2869", "auth: Debug: Credentials: " IS, "e02fbd3e2869"},
    {DOVECOT, "auth: Debug: sql(u): cache hit: {PLAIN}geheim#011user=u", "auth: Debug: sql(u): cache hit: " IS,
     "geheim"},
    {DOVECOT, "auth: Debug: sql(u): cache hit: <hidden>#011user=u", NULL, NULL},
    {DOVECOT, "auth: Error: sql(u): Received invalid reply from worker: OK#011geheim",
     "auth: Error: sql(u): Received invalid reply from worker: " IS, "geheim"},
    {DOVECOT, "auth: Error: BUG: Authentication client sent unknown command: geheim",
     "auth: Error: BUG: Authentication client sent unknown command: " IS, "geheim"},
    {DOVECOT, "imap-login: proxy: Disconnected by server: x (state=login, duration=0s) - BUG: line not read: geheim",
     "imap-login: proxy: Disconnected by server: x (state=login, duration=0s) - BUG: line not read: " IS, "geheim"},
    {DOVECOT, "auth: Debug: passdb out: PASS#0111#011user=u#011pass=geheim#011x=geheim",
     "auth: Debug: passdb out: PASS#0111#011user=u#011pass=" IS, "geheim"},
    {DOVECOT, "auth: Debug: userdb out: USER#0111#011u#011userdb_pass=<hidden>#011auth_token=geheim",
     "auth: Debug: userdb out: USER#0111#011u#011userdb_pass=<hidden>#011auth_token=" IS, "geheim"},
    {DOVECOT, "auth: Debug: ldap(u): result: uid=u userPassword={CRYPT}geheim",
     "auth: Debug: ldap(u): result: uid=u userPassword=" IS, "geheim"},
    {DOVECOT, "auth: Debug: sql(u): query: SELECT id FROM users WHERE name='u' AND password='geheim'",
     "auth: Debug: sql(u): query: SELECT id FROM users WHERE name='u' AND password='" IS "'", "geheim"},
    {DOVECOT, "auth: Debug: policy: request JSON: {\"login\":\"u\",\"pwhash\":\"0f3e\",\"remote\":\"192.0.2.1\"}",
     "auth: Debug: policy: request JSON: {\"login\":\"u\",\"pwhash\":\"" IS "\"}", "0f3e"},
    {DOVECOT, "auth: Debug: http-client: request [Req1: GET https://id.example.org/t?access_token=geheim]: Sent",
     "auth: Debug: http-client: request [Req1: GET https://id.example.org/t?access_token=" IS, "geheim"},
    {DOVECOT, "auth: Debug: oauth2(u): Authorization: Bearer geheim", "auth: Debug: oauth2(u): Authorization:" IS,
     "geheim"},
    {DOVECOT, "auth: Debug: x: client_secret=geheim", "auth: Debug: x: client_secret=" IS, "geheim"},
    {DOVECOT, "auth: Debug: x: \"passphrase\" : \"geheim\"", "auth: Debug: x: \"passphrase\" : \"" IS "\"", "geheim"},
    {DOVECOT, "auth: Debug: x: passwd=geheim", "auth: Debug: x: passwd=" IS, "geheim"},
    {DOVECOT, "auth: Debug: x: bearer geheim", "auth: Debug: x: bearer " IS, "geheim"},
    {DOVECOT, "auth: passwd-file(u,192.0.2.1): unknown user", NULL, NULL},
    {DOVECOT, "auth: Debug: passwd-file(u): lookup: user=u file=/etc/users", NULL, NULL},
    {DOVECOT, "auth: Debug: sql(u): query: SELECT user, password FROM users WHERE user = 'u'", NULL, NULL},

    /* Dovecot: lib-smtp */
    {DOVECOT, "lmtp(7): Debug: smtp-client: conn mx:24 [1]: command " PASS_B64 ": Submitted",
     "lmtp(7): Debug: smtp-client: conn mx:24 [1]: command " IS, PASS_B64},
    {DOVECOT, "lmtp(7): Debug: smtp-client: conn mx:24 [1]: command AUTH: Sent: AUTH PLAIN " RESP_B64,
     "lmtp(7): Debug: smtp-client: conn mx:24 [1]: command AUTH: Sent: AUTH PLAIN " IS, RESP_B64},
    {DOVECOT, "submission-login: Debug: smtp-server: conn x: Received new command: AUTH PLAIN " RESP_B64,
     "submission-login: Debug: smtp-server: conn x: Received new command: AUTH PLAIN " IS, RESP_B64},
    {DOVECOT, "submission-login: Debug: smtp-server: conn x: Received new command: " PASS_B64 " ",
     "submission-login: Debug: smtp-server: conn x: Received new command: " IS, PASS_B64},
    {DOVECOT, "submission-login: Debug: smtp-server: conn x: Received AUTH response: " PASS_B64,
     "submission-login: Debug: smtp-server: conn x: Received AUTH response: " IS, PASS_B64},
    {DOVECOT,
     "submission-login: Debug: smtp-server: conn x: command EHLO: 250 reply: Sent: 250-mx AUTH PLAIN LOGIN BURL", NULL,
     NULL},
    {DOVECOT, "lmtp(7): Debug: smtp-client: conn mx:24 [1]: command RCPT: Sent: RCPT TO:<u@example.org>", NULL, NULL},

    /* without a header that can be read */
    {"", "gibberish smtpd[7]: < a.example.net[192.0.2.1]: " PASS_B64,
     "gibberish smtpd[7]: < a.example.net[192.0.2.1]: " IS, PASS_B64},
    {"", "gibberish smtp[7]: > mx.example.net[192.0.2.1]:25: AUTH PLAIN " RESP_B64,
     "gibberish smtp[7]: > mx.example.net[192.0.2.1]:25: AUTH PLAIN " IS, RESP_B64},
    {"", "gibberish (given password: geheim)", "gibberish (given password: " IS ")", "geheim"},
    {"", "gibberish", NULL, NULL},
    {"", "", NULL, NULL},

    /* what isn't recognised where the line is cut within it */
    {SMTPD, "< a.example.net[192.0.2.1]: quitter", "< a.example.net[192.0.2.1]: " IS, "quitter"},
    {SMTPD, "cfg_get_str: /etc/postfix/pg.cf: hosts = postgresql://u:ge:h@im@db.example.org/x",
     "cfg_get_str: /etc/postfix/pg.cf: hosts = postgresql://u:" IS "@db.example.org/x", "ge:h@im"},
    {DOVECOT, "auth: Debug: sql(PLAIN(x): y,192.0.2.1): ssha.b64(token=geheim) != '{x}geheim'",
     "auth: Debug: sql(PLAIN(x): " IS "'", "geheim"},
};

enum { END_NEEDED = 3 }; /* the last rows */

static struct {
    struct ps_parser *parser;
    struct guard guard;
    struct ps_event event;
} test;

static void event_make(struct ps_slice line)
{
    static const struct ps_site nowhere;
    struct ps_source source = {.time.last_usec = INT64_MIN};
    const struct ps_line stages = {.parser = test.parser, .site = &nowhere, .own_host = PS_SLICE("own.example.org")};
    const struct ps_record record = {.line = guard_copy(&test.guard, line), .source = &source};
    (void)ps_line_event(&stages, &record, 0, &test.event);
}

/* Whether it is found in what is encoded of the event. */
static bool is_told(struct ps_slice text)
{
    struct ps_json_encoder encoder = {0};
    struct ps_buf json = {.max = JSON_MAX};
    assert_int_equal(ps_json_encode(&encoder, &test.event, &json), 0);
    bool told = memmem(json.p, json.n, text.p, text.n) != NULL;
    ps_buf_done(&json);
    return told;
}

static void secrets_go(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT(rows); i++) {
        char line[LINE_MAX_LEN];
        (void)snprintf(line, sizeof line, "%s%s", rows[i].head, rows[i].text);
        event_make(ps_slice_from_str(line));
        const char *want = rows[i].secret ? rows[i].message : rows[i].text;
        struct ps_slice is = test.event.message;
        if (!ps_slice_equal(is, ps_slice_from_str(want)))
            fail_msg("row %zu: \"%.*s\", not \"%s\"", i, (int)is.n, is.n ? is.p : "", want);
        assert_int_equal(ps_event_has(&test.event, PS_F_SECRET_REMOVED), rows[i].secret != NULL);
        if (rows[i].secret && is_told(ps_slice_from_str(rows[i].secret)))
            fail_msg("row %zu tells its secret", i);
    }
}

/* A line that is cut anywhere tells none of what it still holds of the secret. */
static void cut_secrets_go(void **state)
{
    (void)state;
    for (size_t i = 0; i < PS_COUNT(rows) - END_NEEDED; i++) {
        if (!rows[i].secret)
            continue;
        char line[LINE_MAX_LEN];
        (void)snprintf(line, sizeof line, "%s%s", rows[i].head, rows[i].text);
        const char *secret = strstr(line, rows[i].secret);
        assert_non_null(secret);
        enum { TELLING = 4 };
        struct ps_slice first = {secret, PS_MIN(strlen(rows[i].secret), (size_t)TELLING)};
        for (size_t n = (size_t)(secret - line) + first.n; n < strlen(line); n++) {
            event_make((struct ps_slice){line, n});
            if (is_told(first))
                fail_msg("row %zu, cut at %zu, tells its secret", i, n);
        }
    }
}

/* Kinds that are as a rule the most of a log, and in which remote parties write, are left alone. */
static void usual_lines_stay(void **state)
{
    (void)state;
    event_make(PS_SLICE(SMTP "4ABCDEF012: to=<a@example.org>, relay=none, delay=1, delays=1/0/0/0, dsn=4.0.0, "
                             "status=deferred (token=x pass=y resp=z)"));
    assert_int_equal(test.event.kind, PS_K_DELIVERY);
    assert_false(ps_event_has(&test.event, PS_F_SECRET_REMOVED));
    assert_true(is_told(PS_SLICE("token=x pass=y resp=z")));
}

static const char made[] = "x: password = geheim";

/* An event whose fields lie on, over, in and beside the secret. */
static void event_with_fields(void)
{
    struct ps_event *ev = &test.event;
    ps_event_clear(ev);
    ev->kind = PS_K_DEBUG;
    ev->line = ev->message = ps_slice_from_str(made);
    assert_true(ps_event_put(ev, PS_F_HELO, (struct ps_slice){made, 1}));               /* beside */
    assert_true(ps_event_put(ev, PS_F_REASON, (struct ps_slice){made + 3, 17}));        /* over, text */
    assert_true(ps_event_put(ev, PS_F_SASL_USERNAME, (struct ps_slice){made + 14, 6})); /* on */
    assert_true(ps_event_put(ev, PS_F_RESPONSE, (struct ps_slice){made + 16, 2}));      /* in, text */
    assert_true(ps_event_put(ev, PS_F_EXTRA, (struct ps_slice){made + 16, 2}));
    assert_true(ps_event_put(ev, PS_F_EXTRA, (struct ps_slice){made, 1}));
}

static void fields_are_cleaned(void **state)
{
    (void)state;
    struct ps_event *ev = &test.event;
    event_with_fields();
    ps_secrets_remove(ev);
    assert_true(ps_slice_equal(ev->message, PS_SLICE("x: password = " IS)));
    assert_true(ps_slice_equal(ps_event_get(ev, PS_F_HELO), PS_SLICE("x")));
    assert_true(ps_slice_equal(ps_event_get(ev, PS_F_REASON), PS_SLICE("password = " IS)));
    assert_true(ps_slice_equal(ps_event_get(ev, PS_F_RESPONSE), PS_SLICE(IS)));
    assert_false(ps_event_has(ev, PS_F_SASL_USERNAME));
    assert_true(ps_slice_equal(ps_event_get(ev, PS_F_EXTRA), PS_SLICE("x")));
    assert_true(ps_event_has(ev, PS_F_SECRET_REMOVED));
    assert_int_equal(ev->n, 5);
}

/* Without memory the text is left out. */
static void no_memory(void **state)
{
    (void)state;
    struct ps_event *ev = &test.event;
    event_with_fields();
    size_t max = ev->arena.max;
    ev->arena.max = 0;
    ps_secrets_remove(ev);
    ev->arena.max = max;
    assert_null(ev->message.p);
    assert_false(is_told(PS_SLICE("geheim")) || is_told(PS_SLICE("\"message\"")));
    assert_true(ps_event_has(ev, PS_F_SECRET_REMOVED));
    assert_true(ps_event_has(ev, PS_F_HELO));
    assert_false(ps_event_has(ev, PS_F_REASON) || ps_event_has(ev, PS_F_RESPONSE));
}

/* A full event has room for the mark, and a text with very many secrets for all of them. */
static void many(void **state)
{
    (void)state;
    struct ps_event *ev = &test.event;
    event_with_fields();
    while (ps_event_put(ev, PS_F_EXTRA, PS_SLICE("x")))
        ;
    ps_secrets_remove(ev);
    assert_true(ps_event_has(ev, PS_F_SECRET_REMOVED));

    static const struct ps_slice url = {"http://u:geheim@x/ ", 19};
    char line[50 * 19 + 1] = "";
    for (size_t i = 0; i < 50; i++)
        memcpy(line + i * url.n, url.p, url.n);
    event_make(ps_slice_from_str(line));
    assert_false(is_told(PS_SLICE("geheim")));
}

static int suite_open(void **state)
{
    (void)state;
    guard_open(&test.guard, LINE_MAX_LEN);
    ps_event_init(&test.event);
    return ps_parser_new(&test.parser);
}

static int suite_close(void **state)
{
    (void)state;
    ps_event_done(&test.event);
    ps_parser_free(test.parser);
    guard_close(&test.guard);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_go),         cmocka_unit_test(cut_secrets_go), cmocka_unit_test(usual_lines_stay),
        cmocka_unit_test(fields_are_cleaned), cmocka_unit_test(no_memory),      cmocka_unit_test(many),
    };
    return cmocka_run_group_tests(tests, suite_open, suite_close);
}
