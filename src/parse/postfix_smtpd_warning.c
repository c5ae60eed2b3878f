#include "parse/tables.h"

/* What smtpd warns of. What a client sent stands at the end, or in quotes before what Postfix says of it. */
static const struct ps_rule rules[] = {
    /* smtpd/smtpd_peer.c: the host name is what the owner of the address wrote into the DNS */
    {PS_K_HOST_MISMATCH,
     "warning: hostname {client_reverse_host} does not resolve to address {client_ip}: {reason:text}"},
    {PS_K_HOST_MISMATCH, "warning: hostname {client_reverse_host} does not resolve to address {client_ip}"},

    /* smtpd/smtpd_sasl_glue.c: the mechanism and the user name are the remote party's, the reason isn't */
    {PS_K_LOGIN_FAILED, "warning: {client}: SASL {sasl_method:text} authentication failed: {auth_reason:first}, "
                        "sasl_username={sasl_username}"},
    {PS_K_LOGIN_FAILED, "warning: {client}: SASL {sasl_method:text} authentication failed: {auth_reason:text}"},
    {PS_K_LOGIN_ABORTED, "warning: {client}: SASL {sasl_method:text} authentication aborted"},
    /* xsasl/xsasl_cyrus_log.c, xsasl/xsasl_dovecot_server.c: the line with the client follows */
    {PS_K_WARNING, "warning: SASL authentication failure: {auth_reason:text}"},
    {PS_K_WARNING, "warning: SASL authentication problem: {auth_reason:text}"},
    {PS_K_WARNING, "warning: SASL: {auth_reason:text}"},

    /* smtpd/smtpd.c: anvil's counts are above the limit */
    {PS_K_RATE_LIMITED, "warning: {limit_name=Connection concurrency} limit exceeded: {anvil_count} from {client} for "
                        "service {service:token}"},
    {PS_K_RATE_LIMITED,
     "warning: {limit_name=Connection rate} limit exceeded: {anvil_rate} from {client} for service {service:token}"},
    {PS_K_RATE_LIMITED, "warning: {limit_name=Message delivery request rate} limit exceeded: {anvil_rate} from "
                        "{client} for service {service:token}"},
    {PS_K_RATE_LIMITED, "warning: {limit_name=Recipient address rate} limit exceeded: {anvil_rate} from {client} for "
                        "service {service:token}"},
    {PS_K_RATE_LIMITED,
     "warning: {limit_name=AUTH command rate} limit exceeded: {anvil_rate} from {client} for service {service:token}"},
    {PS_K_RATE_LIMITED, "warning: {limit_name=New TLS session rate} limit exceeded: {anvil_rate} from {client} for "
                        "service {service:token}"},
    {PS_K_RATE_LIMITED, "warning: Refusing {smtp_stage=STARTTLS} request from {client} for service {service:token}"},
    {PS_K_RATE_LIMITED, "warning: Refusing TLS service request from {client} for service {service:token}"},
    {PS_K_TLS_FAILED, "warning: Wrapper-mode request dropped from {client} for service {service:first}. "
                      "{tls_error=TLS context initialization failed}. For details see earlier warnings in your logs."},

    /* smtpd/smtpd.c, smtpd_chat.c */
    {PS_K_COMMAND_REFUSED, "warning: Illegal address syntax from {client} in {smtp_stage} command: {client_data:text}"},
    {PS_K_COMMAND_REFUSED, "warning: non-SMTP command from {client}: {client_data:text}"},
    {PS_K_COMMAND_REFUSED, "warning: {client}: request longer than {limit}: {client_data:text}..."},
    {PS_K_COMMAND_REFUSED,
     "warning: {queue_id}: malformed {smtp_stage=BDAT} command syntax from {client}: {client_data:text}"},
    {PS_K_COMMAND_REFUSED, "warning: {queue_id}: null {smtp_stage=BDAT} request from {client}"},
    {PS_K_COMMAND_REFUSED,
     "warning: {queue_id}: {smtp_stage=BDAT} request from {client} exceeds {limit_name=message size limit}"},
    {PS_K_COMMAND_REFUSED, "warning: {queue_id}: {limit_name=queue file size limit} exceeded"},
    {PS_K_COMMAND_REFUSED, "warning: reject: {smtp_stage=ETRN} {client_data:text}... from {client}"},
    {PS_K_COMMAND_REFUSED, "warning: bad {smtp_stage=ETRN} {client_data:text}... from {client}"},

    /* smtpd/smtpd.c: a table of clients could not be asked */
    {PS_K_TABLE_ERROR, "warning: don't know if EHLO feature {ehlo_keywords:word} should be announced to {client}"},
    {PS_K_TABLE_ERROR, "warning: don't know if command {smtp_stage} should be allowed from {client}"},
    {PS_K_TABLE_ERROR, "warning: don't know what EHLO features to announce to {client}"},
    {PS_K_TABLE_ERROR, "warning: relay_clientcerts: lookup error for fingerprint '{tls_peer_fingerprint:first}', pkey "
                       "fingerprint {tls_peer_key_fingerprint:token}"},

    /* smtpd/smtpd_proxy.c */
    {PS_K_CONNECT_FAILED, "warning: connect to proxy filter {relay:first}: {reason:text}"},
    {PS_K_CONNECTION_LOST, "warning: lost connection with proxy {relay:token}"},
    {PS_K_TIMEOUT, "warning: timeout talking to proxy {relay:token}"},
    {PS_K_PROXY_REJECT, "warning: proxy {relay:token} rejected \"connection request\": \"{proxy_message:reply}\""},
    {PS_K_PROXY_REJECT, "warning: proxy {relay:token} rejected \"{client_data:text}\": \"{proxy_message:reply}\""},
    {PS_K_WARNING, "warning: received garbage from proxy {relay:first}: {proxy_message:text}"},
    {PS_K_WARNING, "warning: XFORWARD command payload {client_data:text}... exceeds SMTP protocol limit"},
    /* global/haproxy_srvr.c: what the proxy sent, or who connects past it */
    {PS_K_CONNECT_FAILED, "warning: haproxy read: {reason:first}: {client_data:text}"},
    {PS_K_CONNECT_FAILED, "warning: haproxy read: {reason:text}"},

    /* smtpd/smtpd_check.c: DNS */
    {PS_K_WARNING, "warning: {dns_name}: RBL lookup error: {reason:text}"},
    {PS_K_WARNING, "warning: {dns_name}: TXT lookup error: {reason:text}"},
    {PS_K_WARNING, "warning: {dns_name}: address or MX lookup error: {reason:text}"},
    {PS_K_WARNING, "warning: {dns_name}: MX or address lookup error: {reason:text}"},
    {PS_K_WARNING,
     "warning: Unable to look up {dns_type} host {dns_name} for Sender address {from:text}: {reason:text}"},
    {PS_K_WARNING,
     "warning: Unable to look up {dns_type} host {dns_name} for Recipient address {to:text}: {reason:text}"},
    {PS_K_WARNING, "warning: Unable to look up {dns_type} host {dns_name} for Client host {client}: {reason:text}"},
    {PS_K_WARNING, "warning: Unable to look up {dns_type} host {dns_name} for Unverified Client host "
                   "{client_reverse_host}: {reason:text}"},
    {PS_K_WARNING, "warning: Unable to look up {dns_type} host {dns_name} for Helo command {helo:text}: {reason:text}"},
    {PS_K_WARNING, "warning: Unable to look up {dns_type} host for {dns_name:text}: {reason:text}"},

    /* smtpd/smtpd_check.c: what an administrator wrote */
    {PS_K_CONFIG_ERROR, "warning: access table {map_name:token} entry {reason:text}"},
    {PS_K_CONFIG_ERROR, "warning: access table {map_name:token} has entry with lookup table: {reason:text}"},
    {PS_K_CONFIG_ERROR, "warning: access table {map_name:first}: {reason:text}"},
    {PS_K_CONFIG_ERROR, "warning: unknown smtpd restriction: \"{restriction:text}\""},
    {PS_K_CONFIG_ERROR, "warning: restriction `{restriction:first}' after `{reason:first}' is ignored"},
    {PS_K_CONFIG_ERROR, "warning: restriction {restriction} returns OK for {lookup_key:text}"},
    {PS_K_CONFIG_ERROR, "warning: restriction {restriction} requires {reason:text}"},
    {PS_K_CONFIG_ERROR, "warning: malformed UTF-8 in policy server {relay:token} response: \"{reason:text}\""},
    {PS_K_WARNING, "warning: not enough free space in mail queue: {reason:text}"},
};

const struct ps_rule_table ps_rules_smtpd_warning = {"smtpd", rules, PS_COUNT(rules)};
