#include "parse/tables.h"

/* auth/: what stands behind the prefix of a request (dovecot_head.c) at level Info is why it failed. */
static const struct ps_rule request_rules[] = {
    /* auth/auth-request-fields.c, auth_request_fix_username(): the name is the remote party's */
    {PS_K_LOGIN_FAILED, "{auth_reason:first} (username: {login_user})"},
    {PS_K_LOGIN_FAILED, "{auth_reason:text}"},
};
const struct ps_rule_table ps_rules_dovecot_request = {"- dovecot-request", request_rules, PS_COUNT(request_rules)};

/* The same without a client: somebody's question for a user, as a rule lmtp's for a recipient. Nobody wanted to log in.
 */
static const struct ps_rule lookup_rules[] = {
    {PS_K_WARNING, "{auth_reason=unknown user}"},
};
const struct ps_rule_table ps_rules_dovecot_lookup = {"- dovecot-lookup", lookup_rules, PS_COUNT(lookup_rules)};

/* imap/imap-settings.c, imap_logout_format, behind the bytes. */
static const char *const imap_elements[] = {
    "deleted={imap_deleted}",     "expunged={imap_expunged}",         "trashed={imap_trashed}",
    "appended={imap_appended}",   "autoexpunged={imap_autoexpunged}", "hdr_count={imap_hdr_count}",
    "hdr_bytes={imap_hdr_bytes}", "body_count={imap_body_count}",     "body_bytes={imap_body_bytes}",
};
const struct ps_rule_list ps_list_imap = {"imap", " ", imap_elements, PS_COUNT(imap_elements)};

#define MAIL    "{message_uid}, msgid={message_id:text}, size={size}"
#define HEADERS ", from={header_from:text}, subject={subject:text}, flags=({message_flags:text})"

static const struct ps_rule mail_rules[] = {
    /* imap/imap-client.c, pop3/pop3-client.c, submission/submission-client.c, managesieve/managesieve-client.c */
    {PS_K_LOGOUT, "Disconnected: {reason:text} in={bytes_in} out={bytes_out} {imap}"},
    {PS_K_LOGOUT, "Disconnected: {reason:text} (state={smtp_stage:text}) in={bytes_in} out={bytes_out}"},
    {PS_K_LOGOUT, "Disconnected: {reason:text} in={bytes_in} out={bytes_out}"},
    {PS_K_LOGOUT, "Disconnected: {reason:text} top={pop3_top_count}/{pop3_top_bytes}, "
                  "retr={pop3_retr_count}/{pop3_retr_bytes}, del={pop3_deleted}/{pop3_messages}, "
                  "size={pop3_mailbox_bytes}"},
    {PS_K_LOGOUT, "Disconnected: {reason:text} bytes={bytes_in}/{bytes_out}"},
    {PS_K_LOGOUT, "Disconnected: {reason:text}"},
    {PS_K_LOGOUT, "{reason=Logged out} in={bytes_in} out={bytes_out} {imap}"}, /* early 2.3 */
    /* lmtp/lmtp-client.c */
    {PS_K_CONNECT, "Connect from local"},
    {PS_K_CONNECT, "Connect from {client_ip}"},
    {PS_K_DISCONNECT, "Disconnect from local: {reason:text} (state={smtp_stage:text})"},
    {PS_K_DISCONNECT, "Disconnect from {client_ip}: {reason:text} (state={smtp_stage:text})"},
    {PS_K_DISCONNECT, "Disconnect from local: {reason:text}"},
    {PS_K_DISCONNECT, "Disconnect from {client_ip}: {reason:text}"},
    /* lib-lda/mail-deliver.c, lda/main.c: deliver_log_format */
    {PS_K_DELIVERY, "msgid={message_id:text}: saved mail to {mailbox:text}"},
    {PS_K_REJECT, "msgid={message_id:text}: save failed to {mailbox=INBOX}: {reason:text}"},
    {PS_K_REJECT, "msgid={message_id:text}: save failed to {reason:text}"},
    {PS_K_REJECT, "msgid={message_id:text}: rejected: {reason:text}"},
    /* Pigeonhole, lib-sieve: actions as sieve_result_global_log() prints them, their name in front but for an implicit
     * keep (sieve-result.c, sieve_result_prepare_action_event()) */
    /* a Message-ID that holds an action, in front of a real one without a name: nobody knows where it ends */
    {PS_K_DELIVERY, "sieve: msgid={reason:first} action: stored mail into mailbox '{reason:first}: {ambiguous=stored "
                    "mail into mailbox '}{...}"},
    {PS_K_REDIRECT,
     "sieve: msgid={reason:first} action: forwarded to <{reason:first}: {ambiguous=forwarded to <}{...}"},
    {PS_K_REJECT, "sieve: msgid={reason:first} action: rejected message from <{reason:first}: {ambiguous=rejected "
                  "message from <}{...}"},
    {PS_K_DELIVERY, "sieve: msgid={message_id:text}: {sieve_action:word} action: stored mail into mailbox "
                    "'{mailbox:text}'"},
    {PS_K_DELIVERY, "sieve: msgid={message_id:text}: stored mail into mailbox '{mailbox:text}'"},
    {PS_K_REDIRECT, "sieve: msgid={message_id:text}: {sieve_action=redirect} action: forwarded to <{to:address}>"},
    {PS_K_REDIRECT, "sieve: msgid={message_id:text}: forwarded to <{to:address}>"},
    {PS_K_REJECT, "sieve: msgid={message_id:text}: {sieve_action:word} action: rejected message from "
                  "<{from:address}> ({action:word})"},
    {PS_K_REJECT, "sieve: msgid={message_id:text}: rejected message from <{from:address}> ({action:word})"},
    {PS_K_DISCARD, "sieve: msgid={message_id:text}: {sieve_action=discard} action: {reason=Marked message to be "
                   "discarded if not explicitly delivered (discard action)}"},
    {PS_K_FILTERED, "sieve: msgid={message_id:text}: {sieve_action=vacation} action: sent vacation response to "
                    "<{to:address}>"},
    {PS_K_FILTERED, "sieve: msgid={message_id:text}: {sieve_action=vacation} action: {reason:text}"},
    {PS_K_FILTERED, "sieve: msgid={message_id:text}: {sieve_action=notify} action: {reason:text}"},
    {PS_K_FILTERED, "sieve: msgid={message_id:text}: {reason:text}"},
    /* submission/submission-backend-relay.c */
    {PS_K_DELIVERY, "Successfully relayed message: from=<{from}>, size={size}, id={relay_id:token}, nrcpt={nrcpt}, "
                    "reply=`{response:said}'"},
    {PS_K_DELIVERY, "Successfully relayed message: from=<{from}>, to=<{to}>, size={size}, id={relay_id:token}, "
                    "rcpt={count}/{nrcpt}, reply=`{response:said}'"},
    {PS_K_REJECT, "Failed to relay message: from=<{from}>, size={size}, nrcpt={nrcpt}, reply=`{response:said}'"},
    {PS_K_REJECT, "Failed to relay message: from=<{from}>, to=<{to}>, size={size}, rcpt={count}/{nrcpt}, "
                  "reply=`{response:said}'"},
    /* plugins/mail-log/mail-log-plugin.c: the headers are the remote party's, the mailbox the user's */
    {PS_K_MAILBOX_CHANGED, "{action=copy} from {source_mailbox:first}: box={mailbox:first}, uid=" MAIL HEADERS},
    {PS_K_MAILBOX_CHANGED, "{action=copy} from {source_mailbox:first}: box={mailbox:first}, uid=" MAIL},
    {PS_K_MAILBOX_CHANGED, "{action:word}: box={mailbox:first}, uid=" MAIL HEADERS},
    {PS_K_MAILBOX_CHANGED, "{action:word}: box={mailbox:first}, uid=" MAIL ", flags=({message_flags:text})"},
    {PS_K_MAILBOX_CHANGED, "{action:word}: box={mailbox:first}, uid=" MAIL},
    {PS_K_MAILBOX_CHANGED, "Mailbox {action=created}: {mailbox:text}"},
    {PS_K_MAILBOX_CHANGED, "Mailbox {action=deleted}: {mailbox:text}"},
    {PS_K_MAILBOX_CHANGED, "Mailbox {action=renamed}: {source_mailbox:text} -> {mailbox:text}"},
};
const struct ps_rule_table ps_rules_dovecot_mail = {"- dovecot-mail", mail_rules, PS_COUNT(mail_rules)};

/* master/main.c */
static const struct ps_rule master_rules[] = {
    {PS_K_START, "Dovecot v{version} ({...}"},
    {PS_K_STOP, "warning: Killed with signal {signal} ({...}"},
    {PS_K_RELOAD, "warning: SIGHUP received - reloading configuration"},
};
const struct ps_rule_table ps_rules_dovecot_master = {"- dovecot", master_rules, PS_COUNT(master_rules)};

/* All services: what no other rule is for. */
static const struct ps_rule level_rules[] = {
    {PS_K_WARNING, "warning: {reason:text}"},
    {PS_K_ERROR, "error: {reason:text}"},
    {PS_K_FATAL, "fatal: {reason:text}"},
    {PS_K_PANIC, "panic: {reason:text}"},
};
const struct ps_rule_table ps_rules_dovecot_levels = {
    "- dovecot dovecot-login dovecot-auth dovecot-request dovecot-lookup dovecot-mail", level_rules,
    PS_COUNT(level_rules)};

static const struct ps_rule debug_rules[] = {
    {PS_K_DEBUG, "{...}"},
};
const struct ps_rule_table ps_rules_dovecot_debug = {"- dovecot-debug", debug_rules, PS_COUNT(debug_rules)};
