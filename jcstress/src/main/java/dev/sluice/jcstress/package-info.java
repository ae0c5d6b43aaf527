/**
 * What two sides of a ring do at the same time, as jcstress tests: the shipped classes over memory that is shared by descriptor and mapped
 * twice, one mapping a side, as two processes have it.
 */
package dev.sluice.jcstress;
