#include "parse/tables.h"

/* Policy services of smtpd. They print Postfix's attributes as they got them, without quotes: sender, HELO name and
 * recipient are the client's and may hold all that stands behind them. Postfix knows no queue id before the first
 * recipient is taken: each line comes with one and without. */

/* postgrey 1.37, mylog_action(): attributes that are empty aren't printed. */
#define GREY_CLIENT ", client_name={client_host:token}, client_address={client_ip}"
#define GREY_SENDER GREY_CLIENT ", sender={from:text}, recipient={to:text}"
#define GREY_NULL   GREY_CLIENT ", recipient={to:text}"
#define GREY_RULES(ID)                                                                                                 \
    {PS_K_GREYLISTED,                                                                                                  \
     ID "action={action=greylist}, reason={reason=early-retry} ({greylist_missing}s missing)" GREY_SENDER},            \
        {PS_K_GREYLISTED, ID "action={action=greylist}, reason={reason:first}" GREY_SENDER},                           \
        {PS_K_GREYLISTED, ID "action={action=greylist}, reason={reason:first}" GREY_NULL},                             \
        {PS_K_MILTER_ACTION,                                                                                           \
         ID "action={action=pass}, reason={reason=triplet found}, delay={greylist_delay}" GREY_SENDER},                \
        {PS_K_MILTER_ACTION,                                                                                           \
         ID "action={action=pass}, reason={reason=triplet found}, delay={greylist_delay}" GREY_NULL},                  \
        {PS_K_MILTER_ACTION, ID "action={action=pass}, reason={reason:first}" GREY_SENDER},                            \
    {                                                                                                                  \
        PS_K_MILTER_ACTION, ID "action={action=pass}, reason={reason:first}" GREY_NULL                                 \
    }

static const struct ps_rule postgrey_rules[] = {
    GREY_RULES("{queue_id}: "),
    GREY_RULES(""),
    /* smtpd_access_policy() */
    {PS_K_MILTER_ACTION, "{reason=whitelisted}: {client}"},
    {PS_K_MILTER_ACTION, "{reason=whitelisted}: {client_ip}"},
    /* main() */
    {PS_K_RELOAD, "HUP received: {reason}"},
    {PS_K_STOP, "Exiting!"},
    {PS_K_WARNING, "WARNING: {reason}"},
    {PS_K_FATAL, "FATAL: {reason}"},
    {PS_K_WARNING, "ignoring garbage: {reason}"},
    {PS_K_DEBUG, "{reason}"}, /* maintenance, start */
};
const struct ps_rule_table ps_rules_postgrey = {"- postgrey", postgrey_rules, PS_COUNT(postgrey_rules)};

/* spf-engine 3, policyd_spf.py, and __init__.py, _spfcheck() and _rejectmessage(). Without a queue id, version 3.0
 * prints ": " all the same. */
#define SPF_CHECKED  "client-ip={client_ip}; helo={helo:text}; envelope-from="
#define SPF_MAILFROM "Received-SPF: {spf_result} (mailfrom) identity={spf_scope=mailfrom}; " SPF_CHECKED
#define SPF_HELO     "Received-SPF: {spf_result} ({reason:first}) identity={spf_scope=helo}; " SPF_CHECKED
#define SPF_RECEIVER "; receiver={spf_receiver:text}"
#define SPF_REFUSED  "{smtp_code} {enhanced_code} {reason:text}?s="
#define SPF_RULES(ID)                                                                                                  \
    {PS_K_MILTER_ACTION, ID "{action=prepend} " SPF_MAILFROM "{from:text}" SPF_RECEIVER},                              \
        {PS_K_MILTER_ACTION, ID "{action=prepend} " SPF_HELO "<{from}>" SPF_RECEIVER},                                 \
        {PS_K_MILTER_ACTION, ID "{action=prepend} " SPF_HELO "{from:text}" SPF_RECEIVER},                              \
        {PS_K_REJECT, ID SPF_REFUSED "{spf_scope=mfrom};id={from:text};ip={client_ip};r={spf_receiver:text}"},         \
        {PS_K_REJECT, ID SPF_REFUSED "{spf_scope=helo};id={helo:text};ip={client_ip};r={spf_receiver:text}"},          \
        {PS_K_REJECT, ID "{reason:reply}"}, {PS_K_REJECT, ID "{action=defer_if_permit} {enhanced_code} {reason}"},     \
        {PS_K_MILTER_ACTION, ID "{action=prepend} {reason}"},                                                          \
        {PS_K_MILTER_ACTION, ID "{action=result_only} {reason}"},                                                      \
    {                                                                                                                  \
        PS_K_MILTER_ACTION, ID "Header field not prepended: {reason}"                                                  \
    }

static const struct ps_rule spf_rules[] = {
    SPF_RULES("{queue_id}: "),
    SPF_RULES(": "),
    SPF_RULES(""),
    {PS_K_DEBUG, "spfcheck: {reason}"},
    {PS_K_CONFIG_ERROR, "ERROR: {reason}"},
    {PS_K_CONFIG_ERROR, "ERROR {reason}"},
    {PS_K_CONFIG_ERROR, "WARNING: {reason}"},
};
const struct ps_rule_table ps_rules_policyd_spf = {"- policyd-spf pyspf-milter", spf_rules, PS_COUNT(spf_rules)};

/* postfix-policyd-spf-perl 2.011; the header field is made by Mail::SPF, Result.pm, received_spf_header(). */
static const struct ps_rule spf_perl_rules[] = {
    {PS_K_MILTER_ACTION,
     "Policy action={action=PREPEND} Received-SPF: {spf_result} ({reason:text}) receiver={spf_receiver:text}; "
     "identity={spf_scope}; envelope-from=\"{from:text}\"; helo={helo:text}; client-ip={client_ip}"},
    {PS_K_MILTER_ACTION,
     "Policy action={action=PREPEND} Received-SPF: {spf_result} ({reason:text}) receiver={spf_receiver:text}; "
     "identity={spf_scope}; helo={helo:text}; client-ip={client_ip}"},
    {PS_K_REJECT, "Policy action={reason:reply}"},
    {PS_K_REJECT, "Policy action={action=DEFER_IF_PERMIT} SPF-Result={reason}"},
    {PS_K_MILTER_ACTION, "Policy action={action:word} {reason}"},
    {PS_K_MILTER_ACTION, "Policy action={action:word}"},
    {PS_K_WARNING, "warning: ignoring garbage: {reason}"},
    {PS_K_FATAL, "fatal_exit: {reason}"},
};
const struct ps_rule_table ps_rules_policy_spf = {"policy-spf", spf_perl_rules, PS_COUNT(spf_perl_rules)};

/* PostSRSd 1.10, postsrsd.c, handle_forward() and handle_reverse(). */
static const struct ps_rule srs_rules[] = {
    {PS_K_MILTER_ACTION, "srs_forward: <{from}> {action=rewritten} as <{rewritten}>"},
    {PS_K_MILTER_ACTION, "srs_reverse: <{to}> {action=rewritten} as <{rewritten}>"},
    {PS_K_MILTER_ACTION, "srs_forward: <{from}> {action=not rewritten}: {reason}"},
    {PS_K_MILTER_ACTION, "srs_reverse: <{to}> {action=not rewritten}: {reason}"},
};
const struct ps_rule_table ps_rules_postsrsd = {"- postsrsd", srs_rules, PS_COUNT(srs_rules)};
