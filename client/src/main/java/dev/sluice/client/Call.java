package dev.sluice.client;

import dev.sluice.protocol.CoreError;
import dev.sluice.protocol.EmptyMessage;
import dev.sluice.protocol.Message;
import dev.sluice.protocol.MessageType;
import dev.sluice.protocol.ProtocolException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * A message without fields that one message answers, or {@code core.error}. Given up by its caller it keeps its id until the answer comes.
 */
final class Call implements SessionHandler {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final MessageType expected;
    private Message answer;
    private Supplier<SandboxException> failure;

    private Call(final MessageType expected) {
        this.expected = expected;
    }

    /**
     * Asks, and waits for the answer.
     *
     * @throws UnsupportedOperationInSandboxException when the agent is too old; nothing was sent
     * @throws SandboxErrorException                  when it refused
     */
    static Message ask(final Link link, final MessageType question, final MessageType answer, final Deadline deadline)
        throws SandboxException, InterruptedException {
        final Message message = new EmptyMessage(question);
        return link.open(question, 0, (session, window) -> new Call(answer), window -> message, deadline).handler().await(deadline);
    }

    @Override
    public boolean onFrame(final IncomingFrame frame) throws ProtocolException {
        final MessageType type = frame.type();
        if (type == MessageType.ERROR) {
            final CoreError error = (CoreError) frame.message();
            onFailed(() -> new SandboxErrorException(error));
        } else if (type == expected) {
            end(frame.message(), null);
        } else {
            throw frame.unexpected();
        }
        return true;
    }

    @Override
    public void onFailed(final Supplier<SandboxException> reason) {
        end(null, reason);
    }

    @Override
    public SandboxException failure(final String text) {
        return new SandboxErrorException(new CoreError(CoreError.Kind.OTHER, text, null));
    }

    private void end(final Message message, final Supplier<SandboxException> reason) {
        lock.lock();
        try {
            if (answer == null && failure == null) {
                answer = message;
                failure = reason;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private Message await(final Deadline deadline) throws InterruptedException, SandboxException {
        lock.lockInterruptibly();
        try {
            while (answer == null && failure == null) {
                deadline.await(changed, "the sandbox's agent to answer", Outcome.UNKNOWN);
            }
            if (failure != null) {
                throw failure.get();
            }
            return answer;
        } finally {
            lock.unlock();
        }
    }
}
