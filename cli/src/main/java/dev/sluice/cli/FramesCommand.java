package dev.sluice.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows frames of the relay protocol to a reader. */
@Command(name = "frames", mixinStandardHelpOptions = true,
    description = "Shows traffic of the relay protocol, one line a frame: its offset, which way it goes as far as its type tells, id, "
        + "flags, type, generation, length, payload.",
    footer = {"%nAs a client of a relay one is sent the handshake, what the agent said when it was ready, and what concerns every client.",
        "Exits with 1 when something was broken or truncated."})
final class FramesCommand implements Callable<Integer> {
    private static final int BROKEN = 1;
    private static final int FILE_TYPE = 0170000;
    private static final int SOCKET_TYPE = 0140000;
    private static final String STANDARD_INPUT = "-";

    @Parameters(paramLabel = "FILE|SOCKET",
        description = "A file with the bytes of one direction, with a relay's handshake or without; - for standard input; "
            + "or a relay's socket.")
    private String source;

    @Option(names = "--data", paramLabel = "N", converter = NumberConverter.FromZero.class, defaultValue = "64",
        description = "How many bytes of each byte string to show. Default: ${DEFAULT-VALUE}.")
    private Long dataLimit;

    @Option(names = "--json", description = "Prints a JSON object a line; bytes are base64 there.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        try (InputStream in = open()) {
            return print(new Capture(in)) ? ExitCode.OK : BROKEN;
        }
    }

    /** @return whether all was sound */
    private boolean print(final Capture capture) throws IOException {
        final PrintWriter out = spec.commandLine().getOut();
        final FrameLines lines = new FrameLines(json, dataLimit);
        boolean sound = true;
        for (Capture.Item item = capture.next(); item != null; item = capture.next()) {
            final FrameLines.Line line = lines.of(item);
            sound &= line.sound();
            out.print(line.text() + "\n");
            // Whoever read this may have gone.
            if (!capture.hasMore() && out.checkError()) {
                break;
            }
        }
        out.flush();
        return sound;
    }

    private InputStream open() throws IOException {
        if (STANDARD_INPUT.equals(source)) {
            return System.in;
        }
        final Path path = Path.of(RawArguments.path("FILE|SOCKET", source));
        if (((int) Files.getAttribute(path, "unix:mode") & FILE_TYPE) != SOCKET_TYPE) {
            return Files.newInputStream(path);
        }
        final SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(path));
        } catch (final IOException e) {
            channel.close();
            throw new FileSystemException(path.toString(), null, e.getMessage());
        }
        return Channels.newInputStream(channel);
    }
}
