/** Names that both ends of the wire know, each once; jupyter_trame/names.py has the same for servers. */
export const HELLO = "wslink.hello";
export const LEAVE = "jupyter_trame.leave";
export const STATE_GET = "trame.state.get";
export const STATE_UPDATE = "trame.state.update";
export const TRIGGER = "trame.trigger";
export const FORCE_PUSH = "trame.force.push";
export const LIFE_CYCLE_UPDATE = "trame.lifecycle.update";
export const CLIENT_ERROR = "trame.error.client";
export const TEMPLATE_MISTAKE = "jupyter_trame.template.mistake";
export const UNKNOWN_KEY = "jupyter_trame.template.unknown";
/** Answered at once where messages are read, whatever the server's loop does. */
export const REACH = "jupyter_trame.reach";
export const DOCTOR = "jupyter_trame.doctor";
export const UPLOAD_OPEN = "jupyter_trame.upload.open";
export const UPLOAD_PIECE = "jupyter_trame.upload.piece";
export const UPLOAD_CANCEL = "jupyter_trame.upload.cancel";

export const STATE_TOPIC = "trame.state.topic";
export const ACTIONS_TOPIC = "trame.actions.topic";
export const SETTLED_TOPIC = "jupyter_trame.settled";
export const STATUS_TOPIC = "jupyter_trame.status";
export const ERROR_TOPIC = "jupyter_trame.error";

export const HELLO_ID = "system:c0:0";
export const LEAVE_ID = "system:l0:0";

export const CLIENT_ONLY_KEY = "trame__client_only";
/** Followed by the name of the template. */
export const TEMPLATE_KEY = "trame__template_";
export const TITLE_KEY = "trame__title";
