package dev.sluice.cli;

import dev.sluice.ffi.linux.Linux;
import dev.sluice.port.PortAddress;
import dev.sluice.protocol.GuestBootstrap;
import dev.sluice.protocol.ProtocolException;
import dev.sluice.relay.ExecLogPolicy;
import dev.sluice.relay.ListenAddress;
import dev.sluice.relay.RelayContext;
import dev.sluice.relay.SlowClientPolicy;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs a relay until it is told to end. */
@Command(name = "relay", mixinStandardHelpOptions = true, description = "Lets many programs talk to one guest.",
    modelTransformer = RelayModel.class)
final class RelayCommand implements Callable<Integer> {
    @Option(names = "--guest", required = true, paramLabel = "ADDRESS",
        description = "The guest's console port: " + PortAddress.SYNTAX + ".")
    private String guest;

    @Option(names = "--listen", required = true, paramLabel = "ADDRESS",
        description = "A socket for clients, with the 4-byte (offset) or the 8-byte (range) handshake: " + ListenAddress.SYNTAX
            + ". Its directory is made if it is missing. Can be given several times.")
    private List<String> listen;

    @Option(names = "--bootstrap", arity = "0..1", paramLabel = "FILE", fallbackValue = "",
        description = "Tells the guest first what it is to be: a CBOR map as core.bootstrap carries it. Default: the default profile.")
    private String bootstrap;

    @Option(names = "--allow-uid", paramLabel = "UID", converter = AccountIdConverter.class,
        description = "Lets another user connect. Can be given several times.")
    private List<Integer> allowUid = List.of();

    @Option(names = "--allow-gid", paramLabel = "GID", converter = AccountIdConverter.class,
        description = "Lets the members of a group connect. Can be given several times.")
    private List<Integer> allowGid = List.of();

    @Option(names = "--allow-shutdown", paramLabel = "UID", converter = AccountIdConverter.class,
        description = "Lets only this user shut the guest down. Can be given several times. Default: who may connect.")
    private List<Integer> allowShutdown = List.of();

    @Option(names = "--slow-client", paramLabel = "POLICY",
        description = "What happens to a client without flow windows that does not read: ${COMPLETION-CANDIDATES}. Default: EVICT.")
    private SlowClientPolicy slowClient;

    @Option(names = "--exec-log", paramLabel = "DIR",
        description = "Records what programs write, in files in this directory; it is made if it is missing, but not "
            + "those above it.")
    private String execLog;

    @Option(names = "--exec-log-policy", paramLabel = "POLICY", converter = ExecLogPolicyConverter.class,
        description = "What happens to a program whose output cannot be recorded: gap (it goes on, the log says what is missing) or "
            + "fail-closed (its session is ended). Default: gap.")
    private ExecLogPolicy execLogPolicy;

    @Option(names = "--exit-on-guest-loss", description = "Ends when the guest is lost, instead of waiting for the next.")
    private boolean exitOnGuestLoss;

    @Option(names = "--log", paramLabel = "LEVEL", defaultValue = "INFO",
        description = "What to say on standard error: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private Level level;

    @Mixin
    private RelayOperations operations;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        CommandLog.printFrom(level);
        Diagnostics.neverWait();
        return operations.run(this::context);
    }

    private static GuestBootstrap readBootstrap(final String file) {
        if (file.isEmpty()) {
            return GuestBootstrap.builder().build();
        }
        try {
            return GuestBootstrap.decode(Files.readAllBytes(Path.of(file)));
        } catch (final FileSystemException e) {
            throw new IllegalArgumentException("--bootstrap: " + Diagnostics.describe(e), e);
        } catch (final IOException e) {
            throw new IllegalArgumentException("--bootstrap: " + file + ": " + e.getMessage(), e);
        } catch (final ProtocolException e) {
            throw new IllegalArgumentException(
                "--bootstrap: " + file + " is no CBOR map as core.bootstrap carries it: " + e.getMessage(), e);
        }
    }

    private RelayContext context() throws IOException {
        final RelayContext context = new RelayContext()
            .guest(RawArguments.port("--guest", guest))
            .exitOnGuestLoss(exitOnGuestLoss);
        listen.forEach(address -> context.listen(ListenAddress.parse(RawArguments.path("--listen", address))));
        checkGuest(context.guestAddress());
        checkPlaces(context);
        allowUid.forEach(context::allowUid);
        allowGid.forEach(context::allowGid);
        allowShutdown.forEach(context::allowShutdown);
        if (bootstrap != null) {
            context.bootstrap(readBootstrap(bootstrap.isEmpty() ? bootstrap : RawArguments.path("--bootstrap", bootstrap)));
        }
        if (execLog != null) {
            context.execLog(Path.of(RawArguments.path("--exec-log", execLog)));
        } else if (execLogPolicy != null) {
            throw new ParameterException(spec.commandLine(), "--exec-log-policy needs --exec-log");
        } else {
            RelayLimitOptions.checkWithoutExecLog(spec.commandLine());
        }
        if (execLogPolicy != null) {
            context.execLogPolicy(execLogPolicy);
        }
        if (slowClient != null) {
            context.slowClientPolicy(slowClient);
        }
        RelayLimitOptions.apply(spec.commandLine(), context);
        return context;
    }

    /** A file that is there, and will never be a guest's port. */
    private static void checkGuest(final PortAddress address) throws IOException {
        if (address.kind() == PortAddress.Kind.FILE) {
            final Path path = Path.of(address.path());
            if (Files.exists(path) && ((Integer) Files.getAttribute(path, "unix:mode") & Linux.S_IFMT) != Linux.S_IFCHR) {
                throw new IllegalArgumentException("--guest: " + path + " is no character device or terminal");
            }
        }
    }

    /** Whoever gives one path twice would be told that this very process uses it, or lose what is there. */
    private void checkPlaces(final RelayContext context) {
        final Map<Path, String> taken = new HashMap<>();
        claim(taken, "--guest", context.guestAddress().path());
        final Set<Integer> descriptors = new HashSet<>();
        for (final ListenAddress address : context.listenAddresses()) {
            if (address.path() != null) {
                claim(taken, "--listen", address.path().path());
            } else if (!descriptors.add(address.fd())) {
                throw new IllegalArgumentException("--listen: descriptor " + address.fd() + " is given twice");
            }
        }
        if (execLog != null) {
            claim(taken, "--exec-log", RawArguments.path("--exec-log", execLog));
        }
        operations.places().forEach((option, path) -> claim(taken, option, path));
    }

    private static void claim(final Map<Path, String> taken, final String option, final String path) {
        final Path place = Path.of(path).toAbsolutePath().normalize();
        final String other = taken.putIfAbsent(place, option);
        if (other != null) {
            final String what = switch (other) {
                case "--guest" -> "is where the guest is, by --guest";
                case "--listen" -> option.equals(other) ? "is given twice" : "is where clients are served, by --listen";
                default -> "is given twice, also by " + other;
            };
            throw new IllegalArgumentException(option + ": " + place + " " + what + ": everything needs a path of its own");
        }
    }
}
