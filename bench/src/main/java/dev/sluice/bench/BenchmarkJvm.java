package dev.sluice.bench;

/** The arguments that every forked benchmark runs with; one place, because annotations take constants only. */
final class BenchmarkJvm {
    static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";
    static final String ADD_EXPORTS = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED";

    private BenchmarkJvm() {
    }
}
