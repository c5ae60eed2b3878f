#include "parse/tables.h"

/* postscreen/postscreen_smtpd.c, psc_rcpt_cmd(). Addresses and the HELO name are as the client gave them. */
static const char *const session_elements[] = {
    "from=<{from}>",
    "to=<{to}>",
    "proto={proto}",
    "helo=<{helo:helo}>",
};
const struct ps_rule_list ps_list_screen = {"screen", ", ", session_elements, PS_COUNT(session_elements)};

static const struct ps_rule rules[] = {
    /* postscreen.c, psc_endpt_lookup_done() */
    {PS_K_SCREEN_CONNECT, "CONNECT from {client} to [{server_ip}]:{server_port}"},
    {PS_K_SCREEN_PASS, "{action=PASS NEW} {client}"},
    {PS_K_SCREEN_CACHED, "{action=PASS OLD} {client}"},
    {PS_K_SCREEN_PASS, "{action=ALLOWLISTED} {client}"},
    {PS_K_SCREEN_PASS, "{action=WHITELISTED} {client}"}, /* before Postfix 3.6, or respectful_logging=no */
    {PS_K_SCREEN_VIOLATION, "{postscreen_violation=DENYLISTED} {client}"},
    {PS_K_SCREEN_VIOLATION, "{postscreen_violation=BLACKLISTED} {client}"},
    {PS_K_SCREEN_VIOLATION, "{postscreen_violation=ALLOWLIST VETO} {client}"},
    {PS_K_SCREEN_VIOLATION, "{postscreen_violation=WHITELIST VETO} {client}"},
    {PS_K_DISCONNECT, "DISCONNECT {client}"},
    {PS_K_CONFIG_ERROR, "using backwards-compatible default setting {reason:first} for client {client}"},
    {PS_K_WARNING, "{reason=entering STRESS mode} with {count} connections"},
    {PS_K_WARNING, "{reason=leaving STRESS mode} with {count} connections"},

    /* postscreen_early.c; what the client sent is escaped, but it is the client's */
    {PS_K_SCREEN_VIOLATION, "{postscreen_violation=PREGREET} {bytes} after {postscreen_violation_time} from {client}: "
                            "{postscreen_data:text}"},
    {PS_K_SCREEN_VIOLATION, "{postscreen_violation=DNSBL} rank {dnsbl_rank} for {client}"},
    /* postscreen_misc.c */
    {PS_K_SCREEN_HANGUP, "HANGUP after {postscreen_violation_time} from {client} in {lost_stage:text}"},

    /* postscreen_smtpd.c */
    {PS_K_SCREEN_VIOLATION,
     "{postscreen_violation=COMMAND PIPELINING} from {client} after {lost_stage:word}: {postscreen_data:text}"},
    {PS_K_SCREEN_VIOLATION, "{postscreen_violation=COMMAND PIPELINING} from {client} after {postscreen_data:text}"},
    {PS_K_SCREEN_VIOLATION,
     "{postscreen_violation=NON-SMTP COMMAND} from {client} after {lost_stage:word}: {postscreen_data:text}"},
    {PS_K_SCREEN_VIOLATION, "{postscreen_violation=BARE NEWLINE} from {client} after {postscreen_data:text}"},
    {PS_K_SCREEN_VIOLATION, "{postscreen_violation=COMMAND TIME LIMIT} from {client} after {lost_stage:word}"},
    {PS_K_SCREEN_VIOLATION, "{postscreen_violation=COMMAND LENGTH LIMIT} from {client} after {lost_stage:word}"},
    {PS_K_SCREEN_VIOLATION, "{postscreen_violation=COMMAND COUNT LIMIT} from {client} after {lost_stage:word}"},
    {PS_K_SCREEN_VIOLATION, "{postscreen_violation=DATA without valid RCPT} from {client}"},
    {PS_K_SCREEN_VIOLATION, "{postscreen_violation=BDAT without valid RCPT} from {client}"},
    {PS_K_REJECT, "{queue_id}: {action=reject}: {smtp_stage:first} from {client}: {reason:reply}; {screen}"},
    {PS_K_REJECT, "{queue_id}: {action=reject}: {smtp_stage:first} from {client}: {reason:reply}"}, /* cut */
    {PS_K_REJECT, "{queue_id}: {action=reject}: {smtp_stage:first} from {client}: {reason:text}"},
    {PS_K_REJECT, "{action=reject}: {smtp_stage:first} from {client}: {reason:text}"},

    {PS_K_DEBUG, "[{client_ip}]{client_port}: discarding EHLO keywords: {ehlo_keywords:text}"},
    {PS_K_WARNING, "{client}: replacing command {postscreen_data:text}"},

    /* postscreen_send.c, postscreen_dnsbl.c */
    {PS_K_CONNECTION_LOST, "warning: write {client}: {reason:text}"},
    {PS_K_TIMEOUT, "warning: dnsblog {reason:first} for {dnsbl_domain}"},

    /* util/dict_cache.c; the name is of the configuration */
    {PS_K_VERIFY_STATISTICS, "cache {map_name:first} full cleanup: retained={postscreen_cache_retained} "
                             "dropped={postscreen_cache_dropped} entries"},
    {PS_K_VERIFY_STATISTICS, "cache {map_name:first} partial cleanup: retained={postscreen_cache_retained} "
                             "dropped={postscreen_cache_dropped} entries"},
};

const struct ps_rule_table ps_rules_postscreen = {"postscreen", rules, PS_COUNT(rules)};

static const struct ps_rule dnsblog_rules[] = {
    {PS_K_DNSBL_HIT, "addr {client_ip} listed by domain {dnsbl_domain} as {dnsbl_result}"},
};

const struct ps_rule_table ps_rules_dnsblog = {"dnsblog", dnsblog_rules, PS_COUNT(dnsblog_rules)};

/* tlsproxy/tlsproxy.c, tlsproxy_state.c */
static const struct ps_rule tlsproxy_rules[] = {
    {PS_K_CONNECT, "CONNECT from {client}"},
    {PS_K_CONNECT, "CONNECT to {relay}"},
    {PS_K_DISCONNECT, "DISCONNECT {client}"},
    {PS_K_TLS_FAILED, "{tls_error=TLS handshake failed} for service={service:first} peer={client}"},
    {PS_K_TIMEOUT, "warning: {reason=ciphertext read/write timeout} for {client}"},
    {PS_K_CONNECTION_LOST, "warning: {reason=ciphertext read/write error} for {client}"},
    {PS_K_WARNING, "warning: {reason=deadlock on ciphertext stream} for {client}"},
    {PS_K_WARNING, "warning: {reason=deadlock on plaintext stream} for {client}"},
};

const struct ps_rule_table ps_rules_tlsproxy = {"tlsproxy", tlsproxy_rules, PS_COUNT(tlsproxy_rules)};
