package dev.sluice.systemtests;

/** Whether the long form of the tests is wanted: {@code -Dsluice.full=true}. */
final class Full {
    private Full() {
    }

    static boolean isOn() {
        return Boolean.getBoolean("sluice.full");
    }
}
