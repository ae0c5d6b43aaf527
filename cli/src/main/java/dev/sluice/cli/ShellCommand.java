package dev.sluice.cli;

import dev.sluice.client.ExecOptions;
import dev.sluice.client.SandboxClient;
import dev.sluice.protocol.ByteString;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** An interactive shell in a sandbox. */
@Command(name = "shell", mixinStandardHelpOptions = true,
    description = "Runs a login shell in the sandbox behind a relay's socket, on this terminal: the user's own, or /bin/sh.",
    footer = "%nA session that is left by its detach keys is over, and so is its shell.")
final class ShellCommand implements Callable<Integer> {
    private static final ByteString SH = ByteString.of("/bin/sh");
    /** Needs nothing but sh itself and id(1): the agent is not asked who its users are. */
    private static final String OWN_SHELL = """
        id=$(id -u) shell=
        if [ -r /etc/passwd ]; then
            while IFS=: read -r name password uid gid comment home command; do
                if [ "$uid" = "$id" ]; then shell=$command; break; fi
            done < /etc/passwd
        fi
        [ -n "$shell" ] && [ -x "$shell" ] || shell=/bin/sh
        SHELL=$shell; export SHELL
        unset id name password uid gid comment command
        exec "$shell" -l
        """;

    @Mixin
    private ConnectOptions relay;

    @Mixin
    private SessionOptions session;

    @Option(names = "--shell", paramLabel = "COMMAND", description = "This shell; it is given -l. Default: the user's own, or /bin/sh.")
    private String shell;

    @Override
    public Integer call() throws Exception {
        relay.check();
        final Attachment attachment = session.attachment(true, true);
        final ExecOptions options = shell == null
            ? session.toExecOptions(SH, List.of(ByteString.of("-c"), ByteString.of(OWN_SHELL)), attachment)
            : session.toExecOptions(RawArguments.bytes(shell), List.of(ByteString.of("-l")), attachment);
        try (SandboxClient client = relay.connect()) {
            return ProgramRunner.run(client, options, attachment);
        }
    }
}
