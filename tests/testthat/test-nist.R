test_that("coefficients and standard errors of the NIST sets are as good as the better of lm() and glm()", {
  digits <- nist_digits()
  expect_equal(nrow(digits), 2 * length(nist_sets))
  short <- digits[digits$glmpp < pmax(digits$lm, digits$glm) - 0.5, ]
  expect(!nrow(short), paste(c("Fewer digits than lm() or glm():", capture.output(print(short, digits = 3))), collapse = "\n"))
  if (nzchar(Sys.getenv("GLMPP_SHOW_TABLES"))) print(digits, digits = 3)
})
