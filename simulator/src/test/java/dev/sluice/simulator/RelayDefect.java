package dev.sluice.simulator;

import java.util.List;

/**
 * Defects that a relay could have, as changes of its source: what stands there, and what stands there instead. The first five are what the
 * design says is never done.
 */
enum RelayDefect {
    DROPS_FRAMES_OF_A_FULL_GUEST(change("Upstream",
        "holder = client;\n            }\n        }\n        afterSend(client);",
        "holder = client;\n            } else if (!run.isEmpty()) {\n                client.input().drop();\n            }\n        }\n"
            + "        afterSend(client);")),
    CARRIES_ON_BEHIND_BROKEN_FRAMING(
        change("GuestLink", "lost(\"the guest broke the framing (\" + downstream.framingError() + \")\", nowNs);", "downstream.carryOn();"),
        change("Downstream", "void reset() {", "void carryOn() { decoder.reset(); target = null; route = null; }\n    void reset() {")),
    CLAMPS_IDS(change("RangeTable", "return IdGrid.indexOf(id);", "return Math.max(0, IdGrid.indexOf(id));")),
    REUSES_RANGES_WHOSE_SESSIONS_SPEAK(
        change("RangeTable", "if (sessions[range].count() == 0 && !lostCount[range]) {\n"
            + "            states[range] = State.FREE;\n        } else",
            "if (true) {\n            states[range] = State.FREE;\n        } else"),
        change("RangeTable", "next = (range + 1) % RANGES;", "next = 0;")),
    FORGETS_KILLS(change("Upstream", "orders.clientLeft(client.range());", "")),
    KILLS_SESSIONS_OF_EVERY_KIND(change("GuestOrders", "if (ranges.sessions(departure.range).kind(id) == SessionKind.EXEC) {", "{")),
    FORGETS_THAT_SESSIONS_ENDED(change("Downstream", "&& ranges.sessionEnded(range, id)", "&& range < 0")),
    MIXES_FRAMES_OF_CLIENTS(change("Upstream", "holder = client;", "holder = null;")),
    LEAVES_SESSIONS_WITHOUT_AN_END(change("SessionEnds", "failSessions(client, reason);", "")),
    KEEPS_CLIENTS_OF_A_LOST_GUEST(
        change("GuestLink", "ends.endClients(reason, nowNs);\n        if (tap != null) {", "if (tap != null) {")),
    ADMITS_FOREIGN_IDS(change("ClientAdmission",
        "return RangeTable.rangeOf(id) == range ? Violation.NONE : Violation.FOREIGN_ID;", "return Violation.NONE;")),
    FORWARDS_CUT_FRAMES(change("Upstream",
        "void clientClosed(final ClientConnection client) {\n        client.input().forgetIncompleteFrame();",
        "void clientClosed(final ClientConnection client) {\n        client.input().run().extendTo(client.input().readOffset());")),
    LOSES_THE_REST_OF_A_WRITE(change("ClientSpans", "if (taken < lengths[i]) {", "if (taken == 0) {")),
    SLEEPS_ON_WORK(change("GuestLink", "wantWrite && !upstream.guestFull()", "false")),
    FORGETS_TO_CLOSE(change("ClientTable", "posix.closeQuietly(client.fd());", "")),
    TELLS_OF_DEPARTURES_EARLY(change("Upstream",
        "void clientClosed(final ClientConnection client) {", "void clientClosed(final ClientConnection client) {\n        "
            + "orders.clientLeft(client.range());")),
    WAITS_ON_THE_DISK(change("ExecLogAgent", "if (sleeping) {", "pass();\n        if (sleeping) {")),
    WAITS_FOR_THE_LOG(change("Downstream",
        "reader.length() > 0 && !mustStop()) {", "reader.length() > 0 && !mustStop() && (tap == null || !tap.hasDue())) {")),
    LOSES_OUTPUT_UNCOUNTED(change("ExecLogWriter", "backlog.lost(key, bytes, failure);", "")),
    MARKS_GAPS_IN_THE_WRONG_PLACE(change("ExecLogWriter",
        "backlogLines = backlog.copyTo(batch, epochMs);", "backlogLines = ring.size() > 0 ? 0 : backlog.copyTo(batch, epochMs);")),
    USES_NUMBERS_OF_SESSIONS_AGAIN(change("ExecLogging", "volume.numbers().highest()", "0")),
    LETS_THROUGH_WHAT_IT_CANNOT_RECORD(change("ExecLogTap", "sessions.forEach(this::condemn);", "")),
    LEAVES_TORN_LINES(change("ExecLogVolume", "if (end < size) {", "if (end > size) {")),
    TELLS_ENDS_TWICE(change("SessionEnds", "session.endTold();", "")),
    FORGETS_TO_TELL_OF_ENDS(change("SessionEnds", "!runs && !session.isWithheld()", "!runs"));

    /** One place in one class of package dev.sluice.relay. */
    record Change(String className, String before, String after) {
    }

    private final List<Change> changes;

    RelayDefect(final Change... changes) {
        this.changes = List.of(changes);
    }

    private static Change change(final String className, final String before, final String after) {
        return new Change(className, before, after);
    }

    List<Change> changes() {
        return changes;
    }
}
