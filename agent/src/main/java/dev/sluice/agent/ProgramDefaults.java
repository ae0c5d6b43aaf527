package dev.sluice.agent;

import dev.sluice.protocol.ByteString;
import dev.sluice.protocol.ExecRequest;
import dev.sluice.protocol.ExecRlimit;
import dev.sluice.protocol.GuestBootstrap;
import dev.sluice.protocol.GuestBootstrap.SecurityProfile;
import dev.sluice.protocol.GuestEnv;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What programs have unless their request says otherwise.
 *
 * @param environment entries that they inherit, the last of one name counting
 * @param user who they run as, {@code USER[:GROUP]} or {@code UID[:GID]}, or null for whoever the agent runs as
 * @param directory where they start, or null for the agent's own
 * @param limits of their resources
 * @param privileges that they have
 */
record ProgramDefaults(
    List<ByteString> environment, ByteString user, ByteString directory, List<ExecRlimit> limits, Privileges privileges) {

    ProgramDefaults {
        environment = List.copyOf(environment);
        limits = List.copyOf(limits);
    }

    /** @return what the agent has been told itself */
    static ProgramDefaults of(final AgentContext context) {
        return new ProgramDefaults(
            context.environment() == null ? OwnEnvironment.read() : context.environment(),
            context.programs().defaultUser(), null, List.of(),
            context.programs().noNewPrivileges() ? Privileges.NOT_GAINED : Privileges.ALL);
    }

    /** @return these, as the host would have them: what it does not speak of stays */
    ProgramDefaults with(final GuestBootstrap bootstrap) {
        final List<ByteString> entries = new ArrayList<>(environment);
        bootstrap.defaultEnv().forEach(variable -> entries.add(entry(variable)));
        return new ProgramDefaults(
            entries, bootstrap.user() == null ? user : bootstrap.user(),
            bootstrap.defaultCwd() == null ? directory : bootstrap.defaultCwd(), bootstrap.rlimits(),
            bootstrap.securityProfile() == SecurityProfile.RESTRICTED ? Privileges.RESTRICTED : privileges);
    }

    private static ByteString entry(final GuestEnv variable) {
        final byte[] key = variable.key().toByteArray();
        final byte[] value = variable.value().toByteArray();
        final byte[] entry = Arrays.copyOf(key, key.length + 1 + value.length);
        entry[key.length] = '=';
        System.arraycopy(value, 0, entry, key.length + 1, value.length);
        return ByteString.copyOf(entry);
    }

    /** @return who the program of a request runs as, or null */
    ByteString userOf(final ExecRequest request) {
        return request.user() == null ? user : request.user();
    }

    /** @return where it starts, or null */
    ByteString directoryOf(final ExecRequest request) {
        return request.cwd() == null ? directory : request.cwd();
    }

    /** @return its limits, of one resource the last counting */
    List<ExecRlimit> limitsOf(final ExecRequest request) {
        if (limits.isEmpty()) {
            return request.rlimits();
        }
        final List<ExecRlimit> all = new ArrayList<>(limits);
        all.addAll(request.rlimits());
        return all;
    }
}
