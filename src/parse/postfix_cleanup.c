#include "parse/tables.h"

/* cleanup/cleanup_message.c, cleanup_act_log(). Nothing comes behind helo=. */
static const char *const envelope_elements[] = {
    "from=<{from}>",
    "to=<{to}>",
    "proto={proto}",
    "helo=<{helo:helo}>",
};
const struct ps_rule_list ps_list_envelope = {"envelope", " ", envelope_elements, PS_COUNT(envelope_elements)};

/* The same: "CLASS CONTENT from ORIGIN; ENVELOPE", then ": TEXT" where the action
 * has one. The content is the sender's. */
#define HEADER "header {header_name}: {header_value:text} from {origin}; {envelope}"
#define BODY   "body {body_text:text} from {origin}; {envelope}"

/* cleanup/cleanup_milter.c, cleanup_milter_hbc_log() */
#define MILTER_HEADER "header {header_name}: {header_value:text} from {client}; {envelope}"

/* The message-id is the sender's: brackets, if any, are taken off, all else stays. */
static const struct ps_rule rules[] = {
    {PS_K_MESSAGE_ID, "{queue_id}: message-id=<{message_id:text}>"},
    {PS_K_MESSAGE_ID, "{queue_id}: message-id={message_id:text}"},
    {PS_K_MESSAGE_ID, "{queue_id}: resent-message-id=<{resent_message_id:text}>"},
    {PS_K_MESSAGE_ID, "{queue_id}: resent-message-id={resent_message_id:text}"},

    {PS_K_REJECT, "{queue_id}: {action=reject}: " HEADER ": {enhanced_code} {reason:text}"},
    {PS_K_REJECT, "{queue_id}: {action=reject}: " BODY ": {enhanced_code} {reason:text}"},
    {PS_K_HEADER_MATCH, "{queue_id}: {action=info}: " HEADER "{reason:tail}"},
    {PS_K_HEADER_MATCH, "{queue_id}: {action=info}: " BODY "{reason:tail}"},
    {PS_K_HEADER_MATCH, "{queue_id}: {action=warning}: " HEADER "{reason:tail}"},
    {PS_K_HEADER_MATCH, "{queue_id}: {action=warning}: " BODY "{reason:tail}"},
    {PS_K_HOLD, "{queue_id}: {action=hold}: " HEADER "{reason:tail}"},
    {PS_K_HOLD, "{queue_id}: {action=hold}: " BODY "{reason:tail}"},
    {PS_K_DISCARD, "{queue_id}: {action=discard}: " HEADER "{reason:tail}"},
    {PS_K_DISCARD, "{queue_id}: {action=discard}: " BODY "{reason:tail}"},
    {PS_K_FILTERED, "{queue_id}: {action=filter}: " HEADER ": {reason:text}"},
    {PS_K_FILTERED, "{queue_id}: {action=filter}: " BODY ": {reason:text}"},
    {PS_K_PREPENDED, "{queue_id}: {action=prepend}: " HEADER ": {reason:text}"},
    {PS_K_PREPENDED, "{queue_id}: {action=prepend}: " BODY ": {reason:text}"},
    {PS_K_REDIRECT, "{queue_id}: {action=redirect}: " HEADER ": {redirect_to:text}"},
    {PS_K_REDIRECT, "{queue_id}: {action=redirect}: " BODY ": {redirect_to:text}"},
    {PS_K_HEADER_MATCH, "{queue_id}: {action=bcc}: " HEADER ": {redirect_to:text}"},
    {PS_K_HEADER_MATCH, "{queue_id}: {action=bcc}: " BODY ": {redirect_to:text}"},
    {PS_K_HEADER_MATCH, "{queue_id}: {action=replace}: " HEADER ": {reason:text}"},
    {PS_K_HEADER_MATCH, "{queue_id}: {action=replace}: " BODY ": {reason:text}"},
    {PS_K_HEADER_MATCH, "{queue_id}: {action=strip}: " HEADER "{reason:tail}"},
    {PS_K_HEADER_MATCH, "{queue_id}: {action=strip}: " BODY "{reason:tail}"},
    {PS_K_HEADER_MATCH, "{queue_id}: {action=pass}: " HEADER "{reason:tail}"},
    {PS_K_HEADER_MATCH, "{queue_id}: {action=pass}: " BODY "{reason:tail}"},
    {PS_K_HEADER_MATCH, "{queue_id}: {action=delay}: " HEADER ": {reason:text}"},
    {PS_K_HEADER_MATCH, "{queue_id}: {action=delay}: " BODY ": {reason:text}"},

    /* cleanup_message.c, cleanup_mime_error_callback() */
    {PS_K_REJECT, "{queue_id}: {action=reject}: mime-error {reason:first}: {body_text:text} from {origin}; {envelope}"},

    /* cleanup_milter.c, cleanup_milter_apply(); the text is the milter's */
    {PS_K_MILTER_ACTION, "{queue_id}: milter-{milter_result=reject}: {smtp_stage:first} from {client}: {enhanced_code} "
                         "{reason:text}; {envelope}"},
    {PS_K_MILTER_ACTION, "{queue_id}: milter-{milter_result=reject}: {smtp_stage:first} from {client}: {reason:text}; "
                         "{envelope}"},
    {PS_K_MILTER_ACTION, "{queue_id}: milter-{milter_result=hold}: {smtp_stage:first} from {client}: {reason:text}; "
                         "{envelope}"},
    {PS_K_MILTER_ACTION, "{queue_id}: milter-{milter_result=discard}: {smtp_stage:first} from {client}: "
                         "{reason:text}; {envelope}"},
    {PS_K_REJECT, "{queue_id}: milter-header-{action=reject}: " MILTER_HEADER ": {enhanced_code} {reason:text}"},
    {PS_K_REJECT, "{queue_id}: milter-header-{action=reject}: {reason:text}"}, /* cut */
    {PS_K_HEADER_MATCH, "{queue_id}: milter-header-{action:word}: " MILTER_HEADER "{reason:tail}"},

    /* Cut short by a syslog with a limit: what was done stays known. */
    {PS_K_REJECT, "{queue_id}: {action=reject}: {reason:text}"},
    {PS_K_HOLD, "{queue_id}: {action=hold}: {reason:text}"},
    {PS_K_DISCARD, "{queue_id}: {action=discard}: {reason:text}"},
    {PS_K_FILTERED, "{queue_id}: {action=filter}: {reason:text}"},
    {PS_K_PREPENDED, "{queue_id}: {action=prepend}: {reason:text}"},
    {PS_K_REDIRECT, "{queue_id}: {action=redirect}: {reason:text}"},
    {PS_K_MILTER_ACTION, "{queue_id}: milter-{milter_result:word}: {smtp_stage:first} from {client}: {reason:text}"},

    /* cleanup_envelope.c, cleanup_extracted.c, cleanup_message.c, cleanup_out.c, cleanup_final.c */
    {PS_K_REJECT, "warning: {queue_id}: message rejected: {reason:text}"},
    {PS_K_REJECT, "warning: {queue_id}: {reason=queue file size limit exceeded}"},
    /* cleanup_map11.c, cleanup_map1n.c: the address may hold anything but ends in front of the fixed text */
    {PS_K_TABLE_ERROR, "warning: {queue_id}: {map_name:first} map lookup problem for {lookup_key:text} -- "
                       "{reason=message not accepted, try again later}"},
    {PS_K_TABLE_ERROR,
     "warning: {queue_id}: {map_name:first} map lookup problem -- {reason=message not accepted, try again later}"},
    {PS_K_TABLE_ERROR, "warning: {queue_id}: unreasonable {map_name:word} map nesting for {lookup_key:text} -- "
                       "{reason=message not accepted, try again later}"},
    {PS_K_TABLE_ERROR, "warning: {queue_id}: unreasonable {map_name:word} map expansion size for {lookup_key:text} -- "
                       "{reason=message not accepted, try again later}"},
    {PS_K_TABLE_ERROR, "warning: {queue_id}: multi-valued {map_name:word} entry for {lookup_key:text}"},
};

const struct ps_rule_table ps_rules_cleanup = {"cleanup", rules, PS_COUNT(rules)};

/* What follows the text of cleanup's checks can't be told apart; those of the client (smtp/smtp_proto.c,
 * smtp_hbc_logger()) have no mark between the sender's content and the text. */
static const struct ps_rule checks[] = {
    {PS_K_HEADER_MATCH, "{queue_id}: {action:word}: header {header_name}: {header_value:text}"},
    {PS_K_HEADER_MATCH, "{queue_id}: {action:word}: header {header_value:text}"},
    {PS_K_HEADER_MATCH, "{queue_id}: {action:word}: body {body_text:text}"},
    {PS_K_HEADER_MATCH, "{queue_id}: {action:word}: content {body_text:text}"},
};

const struct ps_rule_table ps_rules_checks = {"cleanup smtp lmtp", checks, PS_COUNT(checks)};
