import { describe, expect, it } from "vitest";
import { Step } from "../../assembly/layout/steps.ts";
import { InputError } from "../../src/errors.ts";
import { RECIPES_6_1 } from "../../src/linux/recipes/6.1/recipes.ts";
import { compileRecipes } from "../../src/linux/recipes/compile.ts";
import { recipesOf } from "../../src/linux/recipes/ofKernel.ts";
import { renamed, STEP_NAMES } from "../../src/linux/recipes/table.ts";
import { RECIPE_TABLES } from "../../src/linux/recipes/tables.ts";
import { pricedAs, recordedKernelOf } from "../../src/linux/recordedKernels.ts";

describe("recipes", () => {
  it("name the steps in the engine's order", () => {
    expect(STEP_NAMES.length).toBe(Step.count);
    expect(STEP_NAMES[Step.zapLast]).toBe("zapLast");
    expect(STEP_NAMES[Step.gupUnpin]).toBe("gupUnpin");
  });

  it.each(Object.values(RECIPE_TABLES))("of $kernel compile, each step with its source", (recipes) => {
    const compiled = compileRecipes(recipes);
    expect(compiled.stepRow.length).toBe(STEP_NAMES.length + 1);
    for (const name of STEP_NAMES) expect(recipes.steps[name].cite).not.toBe("");
  });

  it("are those of the recorded kernel that stands for a release", () => {
    expect(recipesOf("6.1.0-56-amd64").kernel).toBe("6.1");
    expect(recipesOf("6.8").kernel).toBe("6.1");
    expect(recipesOf("6.12.117+deb12-amd64").kernel).toBe("6.12");
    expect(() => recipesOf("5.15")).toThrow(InputError);
    expect(() => recipesOf("linux")).toThrow(InputError);
  });

  it("of a release between recorded ones are the nearest's, of two as near the older's, and it is said", () => {
    const priced = (releases: string) => releases.split(" ").map(recordedKernelOf).join(" ");
    expect(priced("5.15 6.1.192 6.9 6.10 6.11 6.12")).toBe("6.1 6.1 6.1 6.12 6.12 6.12");
    expect(priced("6.14 6.15 6.16.12 6.17 6.18 6.19")).toBe("6.12 6.16 6.16 6.17 6.18 6.18");
    expect(priced("7.0 7.1-rc1 7.2 7.3.4+deb13-amd64 7.9")).toBe("6.18 7.2 7.2 7.3 7.3");
    expect(["7.3.4", "7.0", "5.15"].map(pricedAs)).toEqual(["", "priced as 6.18", "priced as 6.1"]);
  });

  it("of a later kernel name functions anew and leave out rows of which nothing is left", () => {
    const steps = { ...RECIPES_6_1.steps, zapLast: { cite: "x", rows: "self a:1/0 b:2/1 | next b:1/0 | prev a:0/1" } };
    expect(renamed(steps, { a: "c" }, ["b"]).zapLast.rows).toBe("self c:1/0 | prev c:0/1");
  });

  it("refuse a row that cannot be read", () => {
    const steps = { ...RECIPES_6_1.steps, zapLast: { cite: "x", rows: "self unmap_page_range" } };
    expect(() => compileRecipes({ ...RECIPES_6_1, steps })).toThrow(/unmap_page_range/);
  });
});
