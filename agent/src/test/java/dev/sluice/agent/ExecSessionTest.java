package dev.sluice.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.agent.ExecSession.Phase;
import dev.sluice.protocol.DataFrame;
import dev.sluice.protocol.MessageType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExecSessionTest {
    private static final int WINDOW = 1000;
    private static final int LIMIT = 5000;
    private static final long DRAIN = 100;
    private static final int EPIPE = 32;
    private static final int ENOBUFS = 105;
    private static final SessionLimits LIMITS = new SessionLimits(WINDOW, LIMIT, DRAIN);

    private static ExecSession running(final long window) {
        final ExecSession session = new ExecSession(7, false, window, LIMITS);
        session.started();
        assertEquals(ExecSession.REPLY_STARTED, session.nextReply());
        session.replied(ExecSession.REPLY_STARTED);
        return session;
    }

    private static void exit(final ExecSession session) {
        session.leaderExited(0, false, 0, 0, 0);
    }

    private static int wire(final int dataLength) {
        return DataFrame.frameLength(MessageType.EXEC_STDIN, dataLength);
    }

    @Test
    void startedComesBeforeAnyOutput() {
        final ExecSession session = new ExecSession(7, false, SendWindow.UNLIMITED, LIMITS);
        assertEquals(0, session.outputAllowance(ExecSession.STDOUT, 100));
        session.started();
        assertEquals(0, session.outputAllowance(ExecSession.STDOUT, 100));
        session.replied(ExecSession.REPLY_STARTED);
        assertEquals(100, session.outputAllowance(ExecSession.STDOUT, 100));
        assertEquals(100, session.outputAllowance(ExecSession.STDERR, 100));
    }

    @Test
    void failedIsTheOnlyAnswerOfAProgramThatDidNotStart() {
        final ExecSession session = new ExecSession(7, false, SendWindow.UNLIMITED, LIMITS);
        session.failed();
        assertEquals(ExecSession.REPLY_FAILED, session.nextReply());
        session.replied(ExecSession.REPLY_FAILED);
        assertEquals(ExecSession.REPLY_NONE, session.nextReply());
        assertEquals(Phase.ENDED, session.phase());
        assertThrows(IllegalStateException.class, session::started);
    }

    @Test
    void exitedWaitsForBothOutputsAndForTheReaping() {
        final ExecSession session = running(SendWindow.UNLIMITED);
        session.outputEnded(ExecSession.STDOUT, 0);
        exit(session);
        assertFalse(session.finishDue());
        assertEquals(ExecSession.REPLY_NONE, session.nextReply());
        session.outputEnded(ExecSession.STDERR, 0);
        assertTrue(session.finishDue());
        assertEquals(ExecSession.REPLY_NONE, session.nextReply());
        session.finished();
        assertEquals(ExecSession.REPLY_EXITED, session.nextReply());
        session.replied(ExecSession.REPLY_EXITED);
        assertEquals(Phase.ENDED, session.phase());
        assertFalse(session.truncated());
    }

    @Test
    void outputsThatEndBeforeTheProgramDoNotEndIt() {
        final ExecSession session = running(SendWindow.UNLIMITED);
        session.outputEnded(ExecSession.STDOUT, 0);
        session.outputEnded(ExecSession.STDERR, 0);
        assertFalse(session.finishDue());
        session.leaderExited(9, true, 0, 0, 0);
        assertTrue(session.finishDue());
        assertEquals(137, session.exitCode());
        assertEquals(9, session.exitSignal());
    }

    @Test
    void outputIsAllowedToTheLastByteOfTheWindowAndNoFurther() {
        final ExecSession session = running(1000);
        long left = 1000;
        int allowance = session.outputAllowance(ExecSession.STDOUT, 300);
        while (allowance > 0) {
            left -= DataFrame.frameLength(MessageType.EXEC_STDOUT, allowance);
            assertTrue(left >= 0);
            session.outputSent(ExecSession.STDOUT, allowance, 0);
            allowance = session.outputAllowance(ExecSession.STDOUT, 300);
        }
        assertTrue(left < DataFrame.frameLength(MessageType.EXEC_STDOUT, 1), "left=" + left);
        assertEquals(300, session.outputAllowance(ExecSession.STDERR, 300), "the other output has a window of its own");
        session.grant(ExecSession.STDOUT, DataFrame.frameLength(MessageType.EXEC_STDOUT, 10) - left, 0);
        assertEquals(10, session.outputAllowance(ExecSession.STDOUT, 300));
    }

    @Test
    void windowsOfAnySizeAreTakenAndNoneOverflows() {
        final ExecSession session = running(0);
        session.grant(ExecSession.STDOUT, -1, 0);
        session.grant(ExecSession.STDOUT, Long.MAX_VALUE, 0);
        session.grant(99, 1, 0);
        session.grant(ExecSession.STDIN, 1, 0);
        assertEquals(65536, session.outputAllowance(ExecSession.STDOUT, 65536));
        assertEquals(0, session.outputAllowance(ExecSession.STDERR, 65536));
    }

    @Test
    void theDrainTimeRunsOnlyWhileThePipesAreWaitedFor() {
        final ExecSession session = running(500);
        exit(session);
        assertEquals(DRAIN, session.drainRemainingNs(0));
        assertEquals(40, session.drainRemainingNs(60));
        session.outputSent(ExecSession.STDOUT, session.outputAllowance(ExecSession.STDOUT, 65536), 60);
        assertEquals(Long.MAX_VALUE, session.drainRemainingNs(1000), "the window is used up: the reader is waited for");
        assertFalse(session.truncateDue(1000));
        session.grant(ExecSession.STDOUT, 500, 1000);
        assertEquals(40, session.drainRemainingNs(1000));
        assertTrue(session.truncateDue(1040));
        session.truncate(1040);
        assertTrue(session.finishDue());
        assertTrue(session.truncated());
    }

    @Test
    void whatTheProgramItselfWroteIsNotCutOff() {
        final ExecSession session = running(SendWindow.UNLIMITED);
        session.leaderExited(0, false, 10, 0, 0);
        assertFalse(session.truncateDue(1000));
        session.outputSent(ExecSession.STDOUT, 9, 1000);
        assertFalse(session.truncateDue(1000));
        session.outputSent(ExecSession.STDOUT, 1, 1000);
        assertTrue(session.truncateDue(1000));
    }

    @Test
    void aKilledProgramDoesNotWaitForAReaderWhoDoesNotRead() {
        final ExecSession session = running(0);
        session.leaderExited(9, true, 100, 0, 0);
        assertFalse(session.truncateDue(10_000));
        assertTrue(session.signal(9, 10_000));
        assertFalse(session.truncateDue(10_000 + DRAIN - 1));
        assertTrue(session.truncateDue(10_000 + DRAIN));
    }

    @Test
    void inputWithinTheWindowIsTakenAndGrantedAgainByHalves() {
        final ExecSession session = running(1000);
        assertEquals(StdinVerdict.TAKE, session.stdinReceived(wire(400), 400));
        assertEquals(0, session.stdinGrant());
        session.stdinWritten(400);
        assertEquals(0, session.stdinGrant(), "less than half");
        assertEquals(StdinVerdict.TAKE, session.stdinReceived(wire(100), 100));
        session.stdinWritten(100);
        final long grant = session.stdinGrant();
        assertEquals(wire(400) + wire(100), grant);
        assertEquals(ExecSession.REPLY_WINDOW, session.nextReply());
        session.replied(ExecSession.REPLY_WINDOW);
        assertEquals(0, session.stdinGrant());
        assertEquals(ExecSession.REPLY_NONE, session.nextReply());
    }

    @Test
    void inputBeyondTheWindowIsRefusedAndNeverShownAsTheEnd() {
        final ExecSession session = running(1000);
        assertEquals(StdinVerdict.TAKE, session.stdinReceived(wire(900), 900));
        assertEquals(StdinVerdict.REFUSE, session.stdinReceived(wire(100), 100));
        session.refuseStdin(ENOBUFS);
        assertEquals(ExecSession.REPLY_STDIN_ERROR, session.nextReply());
        assertEquals(ENOBUFS, session.stdinErrno());
        session.replied(ExecSession.REPLY_STDIN_ERROR);
        assertEquals(StdinVerdict.REFUSE, session.stdinReceived(wire(1), 1));
        assertEquals(StdinVerdict.REFUSE, session.stdinReceived(wire(0), 0));
        session.stdinWritten(900);
        assertFalse(session.stdinCloseDue());
        assertEquals(0, session.stdinGrant());
    }

    @Test
    void aPeerWithoutWindowsCongestsItsOwnInputOnly() {
        final ExecSession session = running(SendWindow.UNLIMITED);
        assertEquals(StdinVerdict.TAKE, session.stdinReceived(wire(LIMIT - 1), LIMIT - 1));
        assertFalse(session.stdinCongested(false));
        assertEquals(StdinVerdict.TAKE, session.stdinReceived(wire(4_000_000), 4_000_000), "a frame is taken whole");
        assertTrue(session.stdinCongested(false));
        session.stdinWritten(4_000_000);
        assertFalse(session.stdinCongested(false));
        assertEquals(0, session.stdinGrant());
    }

    @Test
    void theInputsEndComesAfterItsData() {
        final ExecSession session = running(1000);
        session.stdinReceived(wire(10), 10);
        assertEquals(StdinVerdict.END, session.stdinReceived(wire(0), 0));
        assertFalse(session.stdinCloseDue());
        assertEquals(StdinVerdict.LATE, session.stdinReceived(wire(5), 5));
        assertEquals(StdinVerdict.LATE, session.stdinReceived(wire(0), 0));
        session.stdinWritten(10);
        assertTrue(session.stdinCloseDue());
        assertEquals(0, session.stdinGrant());
    }

    @Test
    void aClosedInputIsToldOnceAndItsSenderIsNotHeldUp() {
        final ExecSession session = running(1000);
        session.stdinReceived(wire(600), 600);
        session.stdinBroken(EPIPE);
        assertEquals(ExecSession.REPLY_STDIN_ERROR, session.nextReply());
        assertEquals(EPIPE, session.stdinErrno());
        session.replied(ExecSession.REPLY_STDIN_ERROR);
        assertEquals(ExecSession.REPLY_WINDOW, session.nextReply());
        session.replied(ExecSession.REPLY_WINDOW);
        assertEquals(StdinVerdict.BROKEN, session.stdinReceived(wire(900), 900));
        assertEquals(ExecSession.REPLY_WINDOW, session.nextReply(), "thrown away, so there is room for more");
        session.replied(ExecSession.REPLY_WINDOW);
        assertEquals(StdinVerdict.BROKEN, session.stdinReceived(wire(0), 0));
        assertEquals(ExecSession.REPLY_NONE, session.nextReply());
    }

    @Test
    void inputAfterTheProgramsEndIsLate() {
        final ExecSession session = running(1000);
        session.stdinReceived(wire(600), 600);
        exit(session);
        assertEquals(0, session.stdinQueued());
        assertEquals(StdinVerdict.LATE, session.stdinReceived(wire(1), 1));
        assertEquals(ExecSession.REPLY_NONE, session.nextReply());
    }

    @Test
    void signalsForAProgramBeingStartedAreKept() {
        final ExecSession session = new ExecSession(7, false, SendWindow.UNLIMITED, LIMITS);
        assertFalse(session.signal(15, 0));
        assertFalse(session.signal(64, 0));
        session.started();
        assertEquals(15, session.takePendingSignal());
        assertEquals(64, session.takePendingSignal());
        assertEquals(0, session.takePendingSignal());
        assertTrue(session.signal(2, 0));
    }

    @Test
    void signalsForAProgramBeingStartedKeepTheirOrder() {
        final ExecSession session = new ExecSession(7, false, SendWindow.UNLIMITED, LIMITS);
        for (final int signal : new int[] {19, 18, 19, 9, 18}) {
            session.signal(signal, 0);
        }
        for (int i = 0; i < 1000; i++) {
            session.signal(10, 0);
            session.signal(12, 0);
        }
        session.started();
        final List<Integer> kept = new ArrayList<>();
        for (int signal = session.takePendingSignal(); signal != 0; signal = session.takePendingSignal()) {
            kept.add(signal);
        }
        assertEquals(List.of(19, 18, 19, 9, 18), kept.subList(0, 5));
        assertEquals(256, kept.size());
        assertEquals(12, kept.getLast());
    }

    @Test
    void whatIsNoSignalIsIgnored() {
        final ExecSession session = running(SendWindow.UNLIMITED);
        for (final int signal : new int[] {0, -1, 65, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            assertFalse(session.signal(signal, 0), "signal=" + signal);
        }
    }

    @Test
    void anEndedSessionTakesNoSignals() {
        final ExecSession session = running(SendWindow.UNLIMITED);
        exit(session);
        assertTrue(session.signal(15, 0), "the group may still have members");
        session.truncate(0);
        session.finished();
        assertFalse(session.signal(15, 0));
    }
}
