package dev.sluice.client;

import dev.sluice.protocol.CoreError;
import dev.sluice.protocol.DataPayload;
import dev.sluice.protocol.FsResponse;
import dev.sluice.protocol.FsResponseData;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.protocol.WindowFrame;
import dev.sluice.protocol.WindowPayload;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.Supplier;

/**
 * One request to the sandbox's file system, from its sending to the response that ends it. It ends once: with what it brought or with a
 * failure, whichever comes first. Whatever ends it without a response that says so is a failure, so what was read up to then is not taken
 * for a whole file. Thread safe.
 */
final class FileSession implements SessionHandler {
    private final FileTask task;
    private final ResponseForm form;
    private final OutputSink output;
    private final SendWindow input;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean inputEnded;
    private boolean ended;
    private FsResponseData data;
    private Supplier<SandboxException> failure;
    private LongConsumer orphanedHandle;

    /** How responses are written. */
    @FunctionalInterface
    interface ResponseForm {
        /** Decodes a response. */
        FsResponse decode(IncomingFrame frame) throws ProtocolException;
    }

    /**
     * A request that has not been sent.
     *
     * @param task   for messages
     * @param form   how the agent writes its responses
     * @param output where the content that it asks for goes, or null when it asks for none
     * @param input  the window of the content that follows it, or null when none does
     */
    FileSession(final FileTask task, final ResponseForm form, final OutputSink output, final SendWindow input) {
        this.task = task;
        this.form = form;
        this.output = output;
        this.input = input;
    }

    @Override
    public boolean onFrame(final IncomingFrame frame) throws ProtocolException {
        switch (frame.type()) {
            case FS_DATA -> onData(frame);
            case WINDOW -> onGrant(frame);
            case FS_RESPONSE -> {
                onResponse(form.decode(frame));
                return true;
            }
            case ERROR -> {
                final CoreError error = (CoreError) frame.message();
                onFailed(() -> new FileOperationException(
                    task, "the agent refused a frame: " + error.kind().wireName() + ": " + error.message()));
                return true;
            }
            default -> throw frame.unexpected();
        }
        return false;
    }

    private void onData(final IncomingFrame frame) throws ProtocolException {
        if (output == null) {
            throw frame.unexpected();
        }
        final DataPayload content = frame.data();
        output.append(content.dataMemory(), content.dataOffset(), content.dataLength(), frame.length());
    }

    private void onGrant(final IncomingFrame frame) throws ProtocolException {
        final WindowPayload grant = frame.window();
        if (input == null || grant.stream() != WindowFrame.TO_GUEST) {
            throw frame.unexpected();
        }
        input.grant(grant.bytes());
    }

    private void onResponse(final FsResponse response) {
        if (!response.ok()) {
            final String text = response.error() == null ? "refused without a reason" : response.error();
            onFailed(() -> new FileOperationException(task, text));
        } else if (isInputMissing()) {
            onFailed(() -> new FileOperationException(task, "the agent said that it was done before everything was sent"));
        } else {
            end(response.data(), null);
        }
    }

    @Override
    public void onFailed(final Supplier<SandboxException> reason) {
        end(null, reason);
    }

    @Override
    public SandboxException failure(final String text) {
        return new FileOperationException(task, text);
    }

    private boolean isInputMissing() {
        lock.lock();
        try {
            return input != null && !inputEnded;
        } finally {
            lock.unlock();
        }
    }

    private void end(final FsResponseData brought, final Supplier<SandboxException> reason) {
        // The streams first: whoever sees that the session has ended finds them complete.
        if (output != null) {
            output.end(reason);
        }
        if (input != null) {
            input.close(reason != null ? reason : () -> new FileOperationException(task, "everything has been written"));
        }
        LongConsumer orphanage = null;
        lock.lock();
        try {
            if (!ended) {
                ended = true;
                data = brought;
                failure = reason;
                orphanage = orphanedHandle;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (orphanage != null && brought instanceof FsResponseData.Handle opened) {
            orphanage.accept(opened.handle());
        }
    }

    /** Everything is about to have been sent: from now on the response may come. */
    void endInput() {
        lock.lock();
        try {
            inputEnded = true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Nobody waits for the response any more.
     *
     * @param orphanage is given the handle that it brings, now or later, if it does; must not wait
     */
    void abandon(final LongConsumer orphanage) {
        final FsResponseData brought;
        lock.lock();
        try {
            orphanedHandle = orphanage;
            brought = data;
        } finally {
            lock.unlock();
        }
        if (brought instanceof FsResponseData.Handle opened) {
            orphanage.accept(opened.handle());
        }
    }

    /** Tells whether the response has come, or a failure instead. */
    boolean isEnded() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the response.
     *
     * @return what it brought, or null
     */
    FsResponseData awaitResponse(final Deadline deadline) throws InterruptedException, SandboxException {
        lock.lockInterruptibly();
        try {
            while (!ended) {
                deadline.await(changed, "the agent to " + task, Outcome.UNKNOWN);
            }
            if (failure != null) {
                throw failure.get();
            }
            return data;
        } finally {
            lock.unlock();
        }
    }

    FileTask task() {
        return task;
    }
}
