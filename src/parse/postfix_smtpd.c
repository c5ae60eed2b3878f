#include "parse/tables.h"

/* smtpd/smtpd.c, mail_open_stream(): printed behind "client=". */
static const char *const sasl_elements[] = {
    "sasl_method={sasl_method:token}", "sasl_username={sasl_username}", "sasl_sender={sasl_sender:text}",
    "orig_queue_id={orig_queue_id}",   "orig_client={orig_client}",
};
const struct ps_rule_list ps_list_sasl = {"sasl", ", ", sasl_elements, PS_COUNT(sasl_elements)};

/* smtpd/smtpd_check.c, log_whatsup(): printed behind the reason. */
static const char *const session_elements[] = {
    "from=<{from}>", "to=<{to}>", "proto={proto}", "helo=<{helo:address}>", "sasl_username=<{sasl_username}>",
};
const struct ps_rule_list ps_list_session = {"session", " ", session_elements, PS_COUNT(session_elements)};

/* smtpd/smtpd.c, smtpd_format_cmd_stats(): "name=accepted" or "name=accepted/all", only those that were sent. */
static const char *const commands_elements[] = {
    "helo={cmd_helo:counter}",      "ehlo={cmd_ehlo:counter}", "starttls={cmd_starttls:counter}",
    "auth={cmd_auth:counter}",      "mail={cmd_mail:counter}", "rcpt={cmd_rcpt:counter}",
    "data={cmd_data:counter}",      "bdat={cmd_bdat:counter}", "rset={cmd_rset:counter}",
    "noop={cmd_noop:counter}",      "quit={cmd_quit:counter}", "unknown={cmd_unknown:counter}",
    "commands={cmd_total:counter}",
};
const struct ps_rule_list ps_list_commands = {"commands", " ", commands_elements, PS_COUNT(commands_elements)};

static const struct ps_rule rules[] = {
    {PS_K_CONNECT, "connect from {client}"},
    {PS_K_DISCONNECT, "disconnect from {client} {commands}"},
    {PS_K_DISCONNECT, "disconnect from {client}"}, /* before Postfix 3.0 */
    {PS_K_ACCEPTED, "{queue_id}: client={client}"},
    {PS_K_ACCEPTED, "{queue_id}: client={client}, {sasl}"},
    {PS_K_REJECT, "{queue_id}: {action=reject}: {smtp_stage:first} from {client}: {reason:reply}; {session}"},
    {PS_K_REJECT_WARNING,
     "{queue_id}: {action=reject_warning}: {smtp_stage:first} from {client}: {reason:reply}; {session}"},
    /* the user name is the remote party's, the reason isn't */
    {PS_K_LOGIN_FAILED, "warning: {client}: SASL {sasl_method:token} authentication failed: {auth_reason:first}, "
                        "sasl_username={sasl_username}"},
    {PS_K_LOGIN_FAILED, "warning: {client}: SASL {sasl_method:token} authentication failed: {auth_reason:text}"},
    {PS_K_CONNECTION_LOST, "lost connection after {lost_stage:first} ({bytes} bytes) from {client}"},
    {PS_K_CONNECTION_LOST, "lost connection after {lost_stage:first} from {client}"},
    {PS_K_TIMEOUT, "timeout after {lost_stage:first} ({bytes} bytes) from {client}"},
    {PS_K_TIMEOUT, "timeout after {lost_stage:first} from {client}"},
};

const struct ps_rule_table ps_rules_smtpd = {"smtpd", rules, PS_COUNT(rules)};
