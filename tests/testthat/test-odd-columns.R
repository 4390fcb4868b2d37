# Random calls on columns of unusual classes: glm()'s answer on what they mean, or a refusal of a class. GLMPP_ODD_CASES sets how many.

test_that("columns of unusual classes give glm()'s answer, or a refusal", {
  count <- as.integer(Sys.getenv("GLMPP_ODD_CASES", "60"))
  cases <- lapply(seq_len(count), odd_case)
  outcomes <- vapply(cases, `[[`, "", "outcome")
  wrong <- cases[!outcomes %in% c("same", "refused", "both refused", "no reference")]
  for (case in wrong) fail(sprintf("seed %d, %s: %s%s", case$seed, case$call, case$outcome, case$message %||% ""))
  expect_gt(mean(outcomes == "same"), 0.6)
  expect_lt(mean(outcomes == "refused"), 0.15)
})
