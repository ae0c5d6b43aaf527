package dev.sluice.ffi;

import dev.sluice.ffi.linux.__sigset_t;
import dev.sluice.ffi.linux.cmsghdr;
import dev.sluice.ffi.linux.epoll_data;
import dev.sluice.ffi.linux.epoll_event;
import dev.sluice.ffi.linux.in6_addr;
import dev.sluice.ffi.linux.in_addr;
import dev.sluice.ffi.linux.iovec;
import dev.sluice.ffi.linux.linger;
import dev.sluice.ffi.linux.msghdr;
import dev.sluice.ffi.linux.open_how;
import dev.sluice.ffi.linux.pollfd;
import dev.sluice.ffi.linux.posix_spawn_file_actions_t;
import dev.sluice.ffi.linux.posix_spawnattr_t;
import dev.sluice.ffi.linux.rlimit;
import dev.sluice.ffi.linux.sched_param;
import dev.sluice.ffi.linux.siginfo_t;
import dev.sluice.ffi.linux.sigset_t;
import dev.sluice.ffi.linux.sigval;
import dev.sluice.ffi.linux.sockaddr_in;
import dev.sluice.ffi.linux.sockaddr_in6;
import dev.sluice.ffi.linux.sockaddr_un;
import dev.sluice.ffi.linux.sockaddr_vm;
import dev.sluice.ffi.linux.statx;
import dev.sluice.ffi.linux.statx_timestamp;
import dev.sluice.ffi.linux.termios;
import dev.sluice.ffi.linux.timespec;
import dev.sluice.ffi.linux.timeval;
import dev.sluice.ffi.linux.ucred;
import dev.sluice.ffi.linux.winsize;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Every bound structure against the numbers of the x86-64 ABI: System V psABI rules applied to the declarations in glibc's and the kernel's
 * headers, written down here by hand so that a change of the generated code shows.
 */
class AbiLayoutTest {
    static Stream<Arguments> structures() {
        return Stream.of(
            arguments(sockaddr_un.class, 110, "sun_family=0 sun_path=2"),
            arguments(sockaddr_vm.class, 16, "svm_family=0 svm_reserved1=2 svm_port=4 svm_cid=8 svm_flags=12 svm_zero=13"),
            arguments(in_addr.class, 4, "s_addr=0"),
            arguments(sockaddr_in.class, 16, "sin_family=0 sin_port=2 sin_addr=4 sin_zero=8"),
            arguments(in6_addr.class, 16, "__in6_u=0"),
            arguments(sockaddr_in6.class, 28, "sin6_family=0 sin6_port=2 sin6_flowinfo=4 sin6_addr=8 sin6_scope_id=24"),
            arguments(msghdr.class, 56,
                "msg_name=0 msg_namelen=8 msg_iov=16 msg_iovlen=24 msg_control=32 msg_controllen=40 msg_flags=48"),
            arguments(cmsghdr.class, 16, "cmsg_len=0 cmsg_level=8 cmsg_type=12 __cmsg_data=16"),
            arguments(iovec.class, 16, "iov_base=0 iov_len=8"),
            arguments(ucred.class, 12, "pid=0 uid=4 gid=8"),
            arguments(timeval.class, 16, "tv_sec=0 tv_usec=8"),
            arguments(rlimit.class, 16, "rlim_cur=0 rlim_max=8"),
            arguments(timespec.class, 16, "tv_sec=0 tv_nsec=8"),
            arguments(open_how.class, 24, "flags=0 mode=8 resolve=16"),
            arguments(linger.class, 8, "l_onoff=0 l_linger=4"),
            arguments(pollfd.class, 8, "fd=0 events=4 revents=6"),
            arguments(epoll_event.class, 12, "events=0 data=4"),
            arguments(epoll_data.class, 8, "ptr=0 fd=0 u32=0 u64=0"),
            arguments(termios.class, 36, "c_iflag=0 c_oflag=4 c_cflag=8 c_lflag=12 c_line=16 c_cc=17"),
            arguments(winsize.class, 8, "ws_row=0 ws_col=2 ws_xpixel=4 ws_ypixel=6"),
            arguments(__sigset_t.class, 128, "__val=0"),
            arguments(sigset_t.class, 128, "__val=0"),
            arguments(sigval.class, 8, "sival_int=0 sival_ptr=0"),
            arguments(sched_param.class, 4, "sched_priority=0"),
            arguments(siginfo_t.class, 128, "si_signo=0 si_errno=4 si_code=8 __pad0=12 _sifields=16"),
            arguments(siginfo_t._sifields._sigchld.class, 32, "si_pid=0 si_uid=4 si_status=8 si_utime=16 si_stime=24"),
            arguments(posix_spawnattr_t.class, 336, "__flags=0 __pgrp=4 __sd=8 __ss=136 __sp=264 __policy=268 __pad=272"),
            arguments(posix_spawn_file_actions_t.class, 80, "__allocated=0 __used=4 __actions=8 __pad=16"),
            arguments(statx_timestamp.class, 16, "tv_sec=0 tv_nsec=8 __reserved=12"),
            arguments(statx.class, 256,
                "stx_mask=0 stx_blksize=4 stx_attributes=8 stx_nlink=16 stx_uid=20 stx_gid=24 stx_mode=28 __spare0=30 stx_ino=32"
                    + " stx_size=40 stx_blocks=48 stx_attributes_mask=56 stx_atime=64 stx_btime=80 stx_ctime=96 stx_mtime=112"
                    + " stx_rdev_major=128 stx_rdev_minor=132 stx_dev_major=136 stx_dev_minor=140 stx_mnt_id=144 stx_dio_mem_align=152"
                    + " stx_dio_offset_align=156 __spare3=160"));
    }

    @ParameterizedTest
    @MethodSource("structures")
    void hasTheSizeAndOffsetsOfTheAbi(final Class<?> structure, final long size, final String offsets)
        throws ReflectiveOperationException {
        final GroupLayout layout = (GroupLayout) structure.getMethod("layout").invoke(null);
        assertEquals(size, layout.byteSize(), layout + " size");
        final Map<String, Long> actual = new TreeMap<>();
        for (final MemoryLayout member : layout.memberLayouts()) {
            member.name().ifPresent(name -> actual.put(name, layout.byteOffset(PathElement.groupElement(name))));
        }
        final Map<String, Long> expected = new TreeMap<>();
        for (final String field : offsets.split(" ")) {
            expected.put(field.split("=")[0], Long.valueOf(field.split("=")[1]));
        }
        assertEquals(expected, actual, layout.toString());
    }

    @Test
    void coversEveryBoundStructure() throws IOException {
        final Path folder = Path.of("src/main/java/dev/sluice/ffi/linux");
        final List<String> checked = structures().map(row -> ((Class<?>) row.get()[0]).getSimpleName()).toList();
        try (Stream<Path> files = Files.list(folder)) {
            final List<String> unchecked = files.map(file -> file.getFileName().toString().replace(".java", ""))
                .filter(name -> !List.of("Linux", "package-info").contains(name) && !checked.contains(name))
                .toList();
            assertEquals(List.of(), unchecked);
        }
    }

    @Test
    void theArchitecturesDifferencesAgreeWithTheGeneratedLayouts() {
        assertEquals(epoll_event.sizeof(), Abi.EPOLL_EVENT_SIZE);
        assertEquals(epoll_event.events$offset(), Abi.EPOLL_EVENT_EVENTS_OFFSET);
        assertEquals(epoll_event.data$offset(), Abi.EPOLL_EVENT_DATA_OFFSET);
    }
}
