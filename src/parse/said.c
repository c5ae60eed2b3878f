#include "parse/tables.h"

/* What stands in the brackets of a delivery: who said what, at which stage. Kinds are not used. A placeholder of
 * `reason`, which is set already, passes over what no field is for.
 *
 * What the remote writes is one text: of it only the codes at its start are taken. Behind it stands at most the name of
 * Postfix's own command, which ends the message; so the text ends at the rightmost place that fits. */

/* smtp/smtp_trouble.c, smtp_stream_except() */
#define WHILE_RULES(before)                                                                                            \
    {PS_K_DELIVERY, before "while performing the {smtp_stage:word} handshake"},                                        \
        {PS_K_DELIVERY, before "while receiving the initial server {smtp_stage=greeting}"},                            \
        {PS_K_DELIVERY, before "while receiving the {smtp_stage=STARTTLS} response"},                                  \
        {PS_K_DELIVERY, before "while sending {smtp_stage:stage} command"},                                            \
        {PS_K_DELIVERY, before "while sending {smtp_stage:stage} -- {reason}"},                                        \
        {PS_K_DELIVERY, before "while sending {smtp_stage:stage}"},                                                    \
    {                                                                                                                  \
        PS_K_DELIVERY, before "while {reason}"                                                                         \
    }

/* smtp/smtp_proto.c, smtp_connect.c, smtp_sasl_glue.c, smtp_sasl_proto.c; `before` is what stands in front of it */
#define CLIENT_RULES(before)                                                                                           \
    {PS_K_DELIVERY, before "host {responder} said: {response:reply} (in reply to {smtp_stage:stage} command)"},        \
        {PS_K_DELIVERY, before "host {responder} said: {response:reply} (in reply to {smtp_stage:stage})"},            \
        {PS_K_DELIVERY, before "host {responder} said: {smtp_code} (in reply to {smtp_stage:stage} command)"},         \
        {PS_K_DELIVERY, before "host {responder} said: {response:reply}"}, /* cut by a syslog with a limit */          \
        {PS_K_DELIVERY, before "host {responder} refused to talk to me: {response:reply}"},                            \
        {PS_K_DELIVERY, before "SASL authentication failed; server {responder} said: {response:reply}"},               \
        {PS_K_DELIVERY,                                                                                                \
         before "SASL [CACHED] authentication failed; server {responder_host:word} said: {response:reply}"},           \
        {PS_K_DELIVERY, before "SASL authentication failed; authentication protocol loop with server {responder}"},    \
        {PS_K_DELIVERY, before "SASL authentication failed; cannot authenticate to server {responder}: {reason}"},     \
        {PS_K_DELIVERY,                                                                                                \
         before "SASL authentication failed; non-empty initial challenge from server {responder}: {reason}"},          \
        {PS_K_DELIVERY, before "SASL authentication failed: server {responder} offered {reason}"},                     \
        {PS_K_DELIVERY, before "TLS is required, but host {responder} refused to start TLS: {response:reply}"},        \
        {PS_K_DELIVERY, before "TLS is required, but was not offered by host {responder}"},                            \
        {PS_K_DELIVERY, before "SMTPUTF8 is required, but was not offered by host {responder}"},                       \
        {PS_K_DELIVERY, before "message size {size} exceeds size limit {reason:word} of server {responder}"},          \
        {PS_K_DELIVERY, before "connect to {responder}: {reason}"},                                                    \
        {PS_K_DELIVERY, before "local data error while talking to {responder}"},                                       \
        WHILE_RULES(before "lost connection with {responder} "),                                                       \
        WHILE_RULES(before "conversation with {responder} timed out ")

/* smtpd/smtpd_check.c, reject_unverified_recipient and _sender. Codes and stage are our own and are set already. The
 * address is printed without its quotes: one that could end itself differs from that of the session. */
#define VERIFY_RULE(address, which, kind)                                                                              \
    {                                                                                                                  \
        PS_K_REJECT, "<{" address "}>: " which " address rejected: " kind                                              \
                     " address: host {responder} said: {response:text} (in reply to {smtp_stage:stage} command)"       \
    }

static const struct ps_rule rules[] = {
    CLIENT_RULES(""),
    CLIENT_RULES("delivery temporarily suspended: "), /* qmgr/qmgr_deliver.c */
    VERIFY_RULE("to", "Recipient", "undeliverable"),
    VERIFY_RULE("to", "Recipient", "unverified"),
    VERIFY_RULE("from", "Sender", "undeliverable"),
    VERIFY_RULE("from", "Sender", "unverified"),
    /* local/forward.c */
    {PS_K_DELIVERY, "forwarded as {forwarded_as:word}"},
    /* the reply of a server that took it */
    {PS_K_DELIVERY, "{response:reply}"},
};

const struct ps_rule_table ps_rules_said = {"said", rules, PS_COUNT(rules)};
