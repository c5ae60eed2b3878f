#include "parse/tables.h"

/* amavisd-new 2.11 to 2.13, the usual $log_templ: addresses are quoted as in SMTP. Policy bank, client, the address
 * that the message first came from (behind a relay) and further recipients are there or not. */
static const char *const amavis_elements[] = {
    "quarantine: {quarantine:run}",
    "Queue-ID: {queue_id}",
    "Message-ID: <{message_id:address}>",
    "Resent-Message-ID: <{resent_message_id:address}>",
    "mail_id: {filter_mail_id:token}",
    "Hits: {spam_score:score}",
    "size: {size}",
    "pt: {filter_policy:token}",
    "queued_as: {remote_queue_id:token}",
    "dkim_sd={dkim_signatures:run}",
    "dkim_new={dkim_added:run}",
    "Tests: {spam_tests:run}",
};
const struct ps_rule_list ps_list_amavis = {"amavis", ", ", amavis_elements, PS_COUNT(amavis_elements)};

#define AMAVIS      "({filter_id:word}) {action:word} "
#define AMAVIS_DONE " {{{filter_actions:text}}, "
#define AMAVIS_ONE  "<{from}> -> <{to}>, {amavis}, {filter_ms} ms"
#define AMAVIS_MORE "<{from}> -> {recipients:text}, Queue-ID: {queue_id}, {amavis}, {filter_ms} ms"
#define AMAVIS_RULES(VERDICT)                                                                                          \
    {PS_K_FILTERED, AMAVIS VERDICT AMAVIS_DONE "{client} " AMAVIS_ONE},                                                \
        {PS_K_FILTERED, AMAVIS VERDICT AMAVIS_DONE "{client} {orig_client} " AMAVIS_ONE},                              \
        {PS_K_FILTERED, AMAVIS VERDICT AMAVIS_DONE "{client} " AMAVIS_MORE},                                           \
        {PS_K_FILTERED, AMAVIS VERDICT AMAVIS_DONE "{client} {orig_client} " AMAVIS_MORE},                             \
        {PS_K_FILTERED, AMAVIS VERDICT AMAVIS_DONE "{filter_policy:word} {client} " AMAVIS_ONE},                       \
    {                                                                                                                  \
        PS_K_FILTERED, AMAVIS VERDICT AMAVIS_DONE "{filter_policy:word} {client} {orig_client} " AMAVIS_ONE            \
    }

static const struct ps_rule amavis_rules[] = {
    AMAVIS_RULES("{filter_verdict:word}"),
    AMAVIS_RULES("{filter_verdict=INFECTED} ({virus:text})"),
    AMAVIS_RULES("{filter_verdict=BANNED} ({banned_part})"),
    {PS_K_FILTERED, "({filter_id:word}) {action=Passed} {reason}"},
    {PS_K_FILTERED, "({filter_id:word}) {action=Blocked} {reason}"},
};
const struct ps_rule_table ps_rules_amavis = {"- amavis amavisd", amavis_rules, PS_COUNT(amavis_rules)};

/* rspamd 2 to 3, libserver/task.c, rspamd_task_write_log(), with the log_format of conf/logging.inc. The message id and
 * all addresses are printed as they came. */
static const char *const rspamd_elements[] = {
    "digest: <{filter_digest}>",
    "rcpts: <{recipients:address}>",
    "mime_rcpts: <{mime_recipients:text}>",
    "settings_id: {filter_policy:token}",
};
const struct ps_rule_list ps_list_rspamd = {"rspamd", ", ", rspamd_elements, PS_COUNT(rspamd_elements)};

#define RSPAMD      "<{filter_id}>; {filter_module}; rspamd_task_write_log: id: <{message_id:text}>, "
#define RSPAMD_FROM ", from: <{from}>"
#define RSPAMD_RESULT                                                                                                  \
    ", (default: {filter_verdict} ({action:first}): [{spam_score:score}/{spam_required}] [{spam_tests}]), "            \
    "len: {size}, time: {filter_ms}ms, dns req: {filter_dns_requests}, {rspamd}"

static const struct ps_rule rspamd_rules[] = {
    {PS_K_FILTERED, RSPAMD "qid: <{queue_id}>, ip: {client_ip}" RSPAMD_FROM RSPAMD_RESULT},
    {PS_K_FILTERED, RSPAMD "qid: <{queue_id}>, ip: {client_ip}, user: {sasl_username}" RSPAMD_FROM RSPAMD_RESULT},
    {PS_K_FILTERED, RSPAMD "qid: <{queue_id}>, ip: {client_ip}" RSPAMD_RESULT},
    {PS_K_FILTERED, RSPAMD "ip: {client_ip}" RSPAMD_FROM RSPAMD_RESULT},
    {PS_K_FILTERED, "<{filter_id}>; {filter_module}; rspamd_task_write_log: {reason}"},
    /* libmime/message.c, rspamd_message_parse() */
    {PS_K_DEBUG, "<{filter_id}>; {filter_module}; rspamd_message_parse: loaded message; id: <{message_id:text}>; "
                 "queue-id: <{queue_id}>; size: {size}; checksum: <{filter_digest}>"},
    {PS_K_DEBUG, "<{filter_id}>; {filter_module}; {reason}"},
};
const struct ps_rule_table ps_rules_rspamd = {"- rspamd", rspamd_rules, PS_COUNT(rspamd_rules)};

/* SpamAssassin 3.4 to 4.0, spamd/spamd.raw, check(). The message id holds neither blanks nor brackets, whatever the
 * sender wrote: parse_msgids(). */
static const char *const spamd_elements[] = {
    "size={size}",
    "user={filter_user:text}",
    "uid={uid}",
    "required_score={spam_required}",
    "rhost={client_host:token}",
    "raddr={client_ip}",
    "rport={client_port}",
    "mid=<{message_id:address}>",
    "rmid=<{resent_message_id:address}>",
    "bayes={spam_bayes}",
    "autolearn={spam_autolearn:text}",
    "shortcircuit={filter_policy:token}",
};
const struct ps_rule_list ps_list_spamd = {"spamd", ",", spamd_elements, PS_COUNT(spamd_elements)};

#define SPAMD_CHECKED                                                                                                  \
    " ({spam_score:score}/{spam_required}) for {filter_user:text}:{uid} in {filter_seconds} seconds, {size} bytes."
#define SPAMD_RESULT "{spam_score:score} - {spam_tests} scantime={filter_seconds},{spamd}"

static const struct ps_rule spamd_rules[] = {
    {PS_K_FILTERED, "spamd: {filter_verdict=identified spam}" SPAMD_CHECKED},
    {PS_K_FILTERED, "spamd: {filter_verdict=clean message}" SPAMD_CHECKED},
    {PS_K_FILTERED, "spamd: result: {filter_verdict} " SPAMD_RESULT},
    {PS_K_FILTERED, "spamd: result: {filter_verdict}  " SPAMD_RESULT}, /* the score is filled up to two places */
    {PS_K_FILTERED, "spamd: result: {filter_verdict} {reason}"},
    {PS_K_DEBUG, "spamd: {action=processing} message <{message_id:address}> for {filter_user:text}:{uid}"},
    {PS_K_DEBUG, "spamd: {action=checking} message <{message_id:address}> for {filter_user:text}:{uid}"},
    {PS_K_DEBUG,
     "spamd: connection from {client_host:text} [{client_ip}]:{client_port} to port {server_port}, {reason}"},
    {PS_K_STOP, "spamd: server killed by {reason}"},
    {PS_K_START, "spamd: server started on {reason}"},
    {PS_K_DEBUG, "spamd: {reason}"},
    {PS_K_DEBUG, "prefork: {reason}"},
};
const struct ps_rule_table ps_rules_spamd = {"- spamd", spamd_rules, PS_COUNT(spamd_rules)};

/* ClamAV, clamav-milter/clamfi.c, clamfi_eom(). Subject, Message-ID and Date are the sender's, but makesanehdr() leaves
 * no ' in them. */
#define CLAMAV_HEADERS(ID) "<{from}> to <{to}> with subject '{subject}' message-id '" ID "' date '{mail_date}'"
#define CLAMAV_INFECTED    "{filter_verdict=infected} by {virus:text}"

static const struct ps_rule clamav_rules[] = {
    {PS_K_FILTERED, "Message {queue_id} from " CLAMAV_HEADERS("<{message_id:text}>") " " CLAMAV_INFECTED},
    {PS_K_FILTERED, "Message {queue_id} from " CLAMAV_HEADERS("{message_id:text}") " " CLAMAV_INFECTED},
    {PS_K_FILTERED, "Message from <{from}> to <{to}> " CLAMAV_INFECTED},
    {PS_K_FILTERED, "{filter_verdict=Clean} message {queue_id} from " CLAMAV_HEADERS("<{message_id:text}>")},
    {PS_K_FILTERED, "{filter_verdict=Clean} message {queue_id} from " CLAMAV_HEADERS("{message_id:text}")},
    {PS_K_FILTERED, "{filter_verdict=Clean} message from <{from}> to <{to}>"},
};
const struct ps_rule_table ps_rules_clamav = {"- clamav-milter", clamav_rules, PS_COUNT(clamav_rules)};
