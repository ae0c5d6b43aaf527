package dev.sluice.client;

/**
 * A session and what was made for it.
 *
 * @param <H>     what handles its frames
 * @param session the id in use
 * @param handler handles its frames
 */
record OpenedSession<H extends SessionHandler>(Session session, H handler) {
}
