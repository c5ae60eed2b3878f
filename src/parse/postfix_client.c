#include "parse/tables.h"

/* What the delivery agents say besides the delivery itself. A server's host name and reply are the remote's. */
static const struct ps_rule smtp_rules[] = {
    /* smtp/smtp_trouble.c: the server or its answer is not the last word, another one is tried */
    {PS_K_COMMAND_REFUSED,
     "{queue_id}: host {responder} said: {response:reply} (in reply to {smtp_stage:text} command)"},
    {PS_K_COMMAND_REFUSED, "{queue_id}: host {responder} said: {response:reply} (in reply to {smtp_stage:text})"},
    {PS_K_CONNECT_FAILED, "{queue_id}: host {responder} refused to talk to me: {response:reply}"},
    {PS_K_CONNECTION_LOST, "{queue_id}: lost connection with {relay} while {smtp_stage:text}"},
    {PS_K_TIMEOUT, "{queue_id}: conversation with {relay} timed out while {smtp_stage:text}"},
    {PS_K_ERROR, "{queue_id}: {reason=local data error} while talking to {relay}"},

    {PS_K_TLS_FAILED, "{queue_id}: {tls_error=Cannot start TLS: handshake failure}"},
    {PS_K_TLS_FAILED, "{queue_id}: {tls_error=Server certificate not verified}"},
    {PS_K_TLS_FAILED, "{queue_id}: {tls_error=TLS is required, but was not offered} by host {relay}"},
    {PS_K_TLS_FAILED,
     "{queue_id}: {tls_error=TLS is required}, but host {responder} refused to start TLS: {response:reply}"},
    {PS_K_COMMAND_REFUSED,
     "{queue_id}: {reason=SASL authentication failed}; server {responder} said: {response:reply}"},
    {PS_K_COMMAND_REFUSED, "{queue_id}: SASL authentication failed; cannot authenticate to server {relay}: "
                           "{reason:text}"},

    /* smtp_connect.c */
    {PS_K_CONNECT_FAILED, "connect to {relay}: {reason:text}"},
    {PS_K_CONNECT_FAILED, "warning: {reason=no MX host} for {relay_host} has a valid address record"},

    /* smtp_proto.c */
    {PS_K_WARNING, "{queue_id}: enabling PIX workarounds: {reason:first} for {relay}"},
    {PS_K_WARNING, "{queue_id}: breaking {reason:text}"},
    {PS_K_COMMAND_REFUSED, "warning: host {responder} said: {response:reply} (in reply to {smtp_stage:text})"},
    {PS_K_CONFIG_ERROR, "warning: host {relay} {reason:text}"}, /* has our own name */
    {PS_K_WARNING, "warning: server {relay} {reason:text}"},
    {PS_K_WARNING, "host {relay} {reason=offers SMTPUTF8 support, but not 8BITMIME}"},
    {PS_K_WARNING, "warning: {reason=bad EHLO SIZE limit} \"{response:text}\" from {relay}"},

    {PS_K_DEBUG, "discarding EHLO keywords: {ehlo_keywords:text}"},
    {PS_K_CONFIG_ERROR, "SMTPS wrappermode (TCP port 465) {reason:text}"},

    /* smtp_chat.c */
    {PS_K_WARNING, "{relay}: replacing server reply {response:text}"},
    {PS_K_WARNING, "warning: {relay}: {reason=response longer than} {bytes}: {response:text}"},
    {PS_K_WARNING, "warning: {relay}: {reason=multi-line response longer than} {bytes} {response:text}"},
    {PS_K_WARNING, "warning: {queue_id}: {reason=non-ESMTP response} from {relay}: {response:text}"},
    {PS_K_WARNING, "warning: {queue_id}: {reason=non-LMTP response} from {relay}: {response:text}"},

    /* smtp_map11.c */
    {PS_K_TABLE_ERROR, "fatal: {map_name:first} map lookup problem for {lookup_key:text}"},
};
const struct ps_rule_table ps_rules_client = {"smtp lmtp", smtp_rules, PS_COUNT(smtp_rules)};

/* local/, virtual/, pipe/: an address ends in front of the fixed text or at the end. */
static const struct ps_rule agent_rules[] = {
    {PS_K_WARNING, "warning: {reason=no @ in recipient address}: {to:text}"},
    {PS_K_WARNING, "warning: {queue_id}: {reason=address with illegal extension}: {to:text}"},
    {PS_K_WARNING, "warning: {reason=required alias not found}: {to:text}"},
    {PS_K_WARNING, "warning: {reason=alias database loop} for {to:text}"},
    {PS_K_WARNING, "warning: {reason=no recipient in alias lookup result} for {to:text}"},
    {PS_K_WARNING, "warning: recipient {to:text}: {reason=not found in} {map_name:token}"},
    {PS_K_CONFIG_ERROR, "warning: unable to lookup :include: file {config_path:first}: {reason:text}"},
    {PS_K_FATAL, "fatal: pipe_command: execvp {command:first}: {reason:text}"},
};
const struct ps_rule_table ps_rules_agent = {"local virtual pipe", agent_rules, PS_COUNT(agent_rules)};
