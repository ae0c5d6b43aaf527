package dev.sluice.simulator.kernel;

import dev.sluice.ffi.Errno;
import dev.sluice.ffi.linux.Linux;
import dev.sluice.ffi.linux.cmsghdr;
import dev.sluice.ffi.linux.iovec;
import dev.sluice.ffi.linux.msghdr;
import java.util.ArrayList;
import java.util.List;

/** sendmsg(2) and recvmsg(2) with SCM_RIGHTS, after net/core/scm.c: at most one control message, one iovec when receiving. */
final class DescriptorMessages {
    private static final int MOST_BYTES = 64 * 1024;
    private static final int ALIGNMENT = 8;

    private DescriptorMessages() {
    }

    static long send(final SimKernel kernel, final SimSocket socket, final long message) {
        final byte[] bytes = SimKernel.gather(
            RawMemory.getLong(message + msghdr.msg_iov$offset()), RawMemory.getLong(message + msghdr.msg_iovlen$offset()), MOST_BYTES);
        return kernel.transmit(socket, bytes, attached(kernel, message));
    }

    private static List<SimFile> attached(final SimKernel kernel, final long message) {
        final List<SimFile> files = new ArrayList<>();
        final long control = RawMemory.getLong(message + msghdr.msg_control$offset());
        if (control == 0 || RawMemory.getLong(message + msghdr.msg_controllen$offset()) < cmsghdr.sizeof()) {
            return files;
        }
        final int type = RawMemory.getInt(control + cmsghdr.cmsg_type$offset());
        SimulationFailure.unless(type == Linux.SCM_RIGHTS, () -> "a control message that is not simulated: type=" + type);
        final long length = RawMemory.getLong(control + cmsghdr.cmsg_len$offset());
        for (long at = cmsghdr.sizeof(); at + Integer.BYTES <= length; at += Integer.BYTES) {
            files.add(kernel.file("sendmsg", RawMemory.getInt(control + at)));
        }
        return files;
    }

    static long receive(final SimKernel kernel, final SimSocket socket, final long message) {
        final long vector = RawMemory.getLong(message + msghdr.msg_iov$offset());
        final List<SimFile> files = new ArrayList<>();
        final long result = kernel.receive(
            socket, RawMemory.getLong(vector + iovec.iov_base$offset()), RawMemory.getLong(vector + iovec.iov_len$offset()), files);
        RawMemory.putInt(message + msghdr.msg_flags$offset(), 0);
        final long room = RawMemory.getLong(message + msghdr.msg_controllen$offset());
        RawMemory.putLong(message + msghdr.msg_controllen$offset(), 0);
        if (!files.isEmpty()) {
            deliver(kernel, files, message, room);
        }
        if (result == -Errno.EAGAIN) {
            SimulationFailure.unless(socket.isNonBlocking(), "recvmsg that blocks the loop");
        }
        return result;
    }

    private static void deliver(final SimKernel kernel, final List<SimFile> files, final long message, final long room) {
        final long control = RawMemory.getLong(message + msghdr.msg_control$offset());
        final int fitting = control == 0 ? 0 : (int) Math.max(0, Math.min(files.size(), (room - cmsghdr.sizeof()) / Integer.BYTES));
        for (int i = 0; i < files.size(); i++) {
            if (i < fitting) {
                RawMemory.putInt(control + cmsghdr.sizeof() + (long) i * Integer.BYTES, kernel.table.adopt(files.get(i)));
            } else {
                files.get(i).release();
            }
        }
        if (fitting < files.size()) {
            RawMemory.putInt(message + msghdr.msg_flags$offset(), Linux.MSG_CTRUNC);
        }
        if (fitting > 0) {
            final long length = cmsghdr.sizeof() + (long) fitting * Integer.BYTES;
            RawMemory.putLong(control + cmsghdr.cmsg_len$offset(), length);
            RawMemory.putInt(control + cmsghdr.cmsg_level$offset(), Linux.SOL_SOCKET);
            RawMemory.putInt(control + cmsghdr.cmsg_type$offset(), Linux.SCM_RIGHTS);
            RawMemory.putLong(message + msghdr.msg_controllen$offset(), Math.min(room, length + ALIGNMENT - 1 & -ALIGNMENT));
        }
    }
}
