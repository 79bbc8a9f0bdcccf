import { describe, expect, it } from "vitest";
import { Step } from "../../assembly/layout/steps.ts";
import { InputError } from "../../src/errors.ts";
import { RECIPES_6_1 } from "../../src/linux/recipes/6.1/recipes.ts";
import { RECIPES_6_12 } from "../../src/linux/recipes/6.12/recipes.ts";
import { compileRecipes } from "../../src/linux/recipes/compile.ts";
import { recipeKernelOf, recipesOf } from "../../src/linux/recipes/ofKernel.ts";
import { STEP_NAMES } from "../../src/linux/recipes/table.ts";

describe("recipes", () => {
  it("name the steps in the engine's order", () => {
    expect(STEP_NAMES.length).toBe(Step.count);
    expect(STEP_NAMES[Step.zapLast]).toBe("zapLast");
    expect(STEP_NAMES[Step.gupUnpin]).toBe("gupUnpin");
  });

  it.each([RECIPES_6_1, RECIPES_6_12])("of $kernel compile, each step with its source", (recipes) => {
    const compiled = compileRecipes(recipes);
    expect(compiled.stepRow.length).toBe(STEP_NAMES.length + 1);
    for (const name of STEP_NAMES) expect(recipes.steps[name].cite).not.toBe("");
  });

  it("are those of the newest recorded kernel that is not newer", () => {
    expect(recipesOf("6.1.0-56-amd64").kernel).toBe("6.1");
    expect(recipesOf("6.8").kernel).toBe("6.1");
    expect(recipesOf("6.12.117+deb12-amd64").kernel).toBe("6.12");
    expect(recipesOf("7.1-rc1").kernel).toBe("6.12");
    expect(() => recipesOf("5.15")).toThrow(InputError);
    expect(() => recipesOf("linux")).toThrow(InputError);
  });

  it("of a scenario are those of the nearest kernel that does the same, old ones too", () => {
    const kernels = ["5.15", "6.1.192", "6.9", "6.10", "6.11", "6.12", "7.3"].map(recipeKernelOf);
    expect(kernels).toEqual(["6.1", "6.1", "6.1", "6.12", "6.12", "6.12", "6.12"]);
    for (const kernel of kernels) expect(recipesOf(kernel).kernel).toBe(kernel);
  });

  it("refuse a row that cannot be read", () => {
    const steps = { ...RECIPES_6_1.steps, zapLast: { cite: "x", rows: "self unmap_page_range" } };
    expect(() => compileRecipes({ ...RECIPES_6_1, steps })).toThrow(/unmap_page_range/);
  });
});
