#include "parse/tables.h"

/* smtpd/smtpd.c, mail_open_stream(): printed behind "client=". */
static const char *const sasl_elements[] = {
    "sasl_method={sasl_method:token}", "sasl_username={sasl_username}", "sasl_sender={sasl_sender:text}",
    "orig_queue_id={orig_queue_id}",   "orig_client={orig_client}",
};
const struct ps_rule_list ps_list_sasl = {"sasl", ", ", sasl_elements, PS_COUNT(sasl_elements)};

/* smtpd/smtpd_check.c, log_whatsup(): printed behind the reason. A HELO name may hold blanks and '>'. */
static const char *const session_elements[] = {
    "from=<{from}>", "to=<{to}>", "proto={proto}", "helo=<{helo:text}>", "sasl_username=<{sasl_username}>",
};
const struct ps_rule_list ps_list_session = {"session", " ", session_elements, PS_COUNT(session_elements)};

/* smtpd/smtpd.c, smtpd_format_cmd_stats(): "name=accepted" or "name=accepted/all", only those that were sent. In its
 * order but for the rare ones, which stand last. */
static const char *const commands_elements[] = {
    "helo={cmd_helo:counter}",      "ehlo={cmd_ehlo:counter}",       "starttls={cmd_starttls:counter}",
    "auth={cmd_auth:counter}",      "mail={cmd_mail:counter}",       "rcpt={cmd_rcpt:counter}",
    "data={cmd_data:counter}",      "bdat={cmd_bdat:counter}",       "rset={cmd_rset:counter}",
    "noop={cmd_noop:counter}",      "quit={cmd_quit:counter}",       "unknown={cmd_unknown:counter}",
    "commands={cmd_total:counter}", "xclient={cmd_xclient:counter}", "xforward={cmd_xforward:counter}",
    "vrfy={cmd_vrfy:counter}",      "etrn={cmd_etrn:counter}",
};
const struct ps_rule_list ps_list_commands = {"commands", " ", commands_elements, PS_COUNT(commands_elements)};

/* smtpd/smtpd_check.c, log_whatsup() */
#define ACTION(kind, name)                                                                                             \
    {                                                                                                                  \
        kind, "{queue_id}: {action=" name "}: {smtp_stage:first} from {client}: {reason:text}; {session}"              \
    }

static const struct ps_rule rules[] = {
    {PS_K_CONNECT, "connect from {client}"},
    {PS_K_DISCONNECT, "disconnect from {client} {commands}"},
    {PS_K_DISCONNECT, "disconnect from {client}"}, /* before Postfix 3.0 */
    {PS_K_ACCEPTED, "{queue_id}: client={client}"},
    {PS_K_ACCEPTED, "{queue_id}: client={client}, {sasl}"},

    {PS_K_REJECT, "{queue_id}: {action=reject}: {smtp_stage:first} from {client}: {reason:reply}; {session}"},
    {PS_K_REJECT, "{queue_id}: {action=reject}: {smtp_stage:first} from {client}: {reason:text}; {session}"},
    /* smtpd/smtpd.c, smtpd_proto(), without a session: a table could not be asked */
    {PS_K_REJECT, "{queue_id}: {action=reject}: {smtp_stage:first} from {client}: {reason:reply}"},
    {PS_K_REJECT_WARNING,
     "{queue_id}: {action=reject_warning}: {smtp_stage:first} from {client}: {reason:reply}; {session}"},
    ACTION(PS_K_REJECT, "hangup"),
    ACTION(PS_K_HOLD, "hold"),
    ACTION(PS_K_HEADER_MATCH, "delay"),
    ACTION(PS_K_DISCARD, "discard"),
    ACTION(PS_K_REDIRECT, "redirect"),
    ACTION(PS_K_HEADER_MATCH, "bcc"),
    ACTION(PS_K_FILTERED, "filter"),
    ACTION(PS_K_HEADER_MATCH, "warn"),
    ACTION(PS_K_HEADER_MATCH, "info"),
    {PS_K_HEADER_MATCH, "{queue_id}: {action=permit}: {smtp_stage:first} from {client}: action={restriction:first} for "
                        "{reason:text}; {session}"},

    /* smtpd/smtpd.c, milter_send(): the text is the milter's in a reject, else Postfix's own */
    {PS_K_MILTER_ACTION, "{queue_id}: milter-{milter_result=reject}: {smtp_stage:first} from {client}: "
                         "{reason:reply}; {session}"},
    {PS_K_MILTER_ACTION,
     "{queue_id}: milter-{milter_result=hold}: {smtp_stage:first} from {client}: {reason:text}; {session}"},
    {PS_K_MILTER_ACTION,
     "{queue_id}: milter-{milter_result=discard}: {smtp_stage:first} from {client}: {reason:text}; {session}"},
    /* smtpd/smtpd.c, common_post_message_handling() */
    {PS_K_PROXY_ACCEPT, "proxy-{proxy_result=accept}: {proxy_stage:first}: {proxy_message:reply}; {session}"},
    {PS_K_PROXY_REJECT, "proxy-{proxy_result=reject}: {proxy_stage:first}: {proxy_message:reply}; {session}"},
    /* smtpd/smtpd.c, smtpd_start_tls() */
    {PS_K_TLS_FAILED, "{queue_id}: abort: TLS from {client}: {tls_error:text}"},

    /* smtpd/smtpd.c, smtpd_proto(), at its end */
    {PS_K_CONNECTION_LOST, "lost connection after {lost_stage:first} ({bytes} bytes) from {client}"},
    {PS_K_CONNECTION_LOST, "lost connection after {lost_stage:first} from {client}"},
    {PS_K_TIMEOUT, "timeout after {lost_stage:first} ({bytes} bytes) from {client}"},
    {PS_K_TIMEOUT, "timeout after {lost_stage:first} from {client}"},
    {PS_K_RATE_LIMITED, "{limit_name=too many errors} after {lost_stage:first} ({bytes} bytes) from {client}"},
    {PS_K_RATE_LIMITED, "{limit_name=too many errors} after {lost_stage:first} from {client}"},
    /* smtpd/smtpd.c, smtpd_flag_ill_pipelining(); without the data before Postfix 2.8 */
    {PS_K_PIPELINING, "improper command pipelining after {smtp_stage:first} from {client}: {client_data:text}"},
    {PS_K_PIPELINING, "improper command pipelining after {smtp_stage:first} from {client}"},

    /* compatibility_level: the address is the remote party's */
    {PS_K_CONFIG_ERROR, "using backwards-compatible default setting {reason:first} to accept non-ASCII sender address "
                        "\"{from:text}\" from {client}"},
    {PS_K_CONFIG_ERROR, "using backwards-compatible default setting {reason:first} to accept non-ASCII recipient "
                        "address \"{to:text}\" from {client}"},
    {PS_K_CONFIG_ERROR, "using backwards-compatible default setting {reason:first} to permit request "
                        "from client \"{client}\""},
    {PS_K_CONFIG_ERROR, "using backwards-compatible default setting \"{reason:first}\" to avoid \"Relay "
                        "access denied\" error for recipient \"{to:text}\" from client \"{client}\""},
    {PS_K_CONFIG_ERROR, "using backwards-compatible default setting {reason:first} to reject "
                        "recipient \"{to:text}\" from client \"{client}\""},
    {PS_K_CONFIG_ERROR, "using backwards-compatible default setting {reason:first} to accept mail for address "
                        "\"{to:text}\""},
    /* smtpd/smtpd.c, smtpd_proto(): smtpd_command_filter */
    {PS_K_WARNING, "{client}: replacing command {client_data:text}"},
    /* smtpd/smtpd.c, ehlo_cmd() */
    {PS_K_DEBUG, "discarding EHLO keywords: {ehlo_keywords:text}"},
    /* smtpd/smtpd_peer.c */
    {PS_K_WARNING, "skipping {reason:first} for host {client_reverse_host}"},
};

const struct ps_rule_table ps_rules_smtpd = {"smtpd", rules, PS_COUNT(rules)};
