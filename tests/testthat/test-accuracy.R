test_that("digits against extended precision are those of glm() or better at every condition", {
  skip_on_cran()
  skip_if_not_installed("Rmpfr")
  digits <- condition_digits()
  expect_gte(length(unique(digits$condition)), 9)
  fewest <- fewest_digits(digits)
  # Beyond 14 digits luck decides.
  falls_short <- function(ours, theirs) ours < pmin(theirs, 14) - 0.5
  short <- fewest[falls_short(fewest$coef_glmpp, fewest$coef_glm) | falls_short(fewest$se_glmpp, fewest$se_glm), ]
  expect(!nrow(short), paste(c("Fewer digits than glm():", capture.output(print(short, digits = 3))), collapse = "\n"))
  expect_gte(min(digits$se_glmpp[digits$condition <= 1e5]), 10)
  # What a fit expects of itself is a promise, up to the luck of single cases.
  expect_lt(max(pmin(digits$se_expected, 14) - digits$se_glmpp), 1.5)
  expect_lt(max(pmin(digits$coef_expected, 14) - digits$coef_glmpp), 2)
  if (nzchar(Sys.getenv("GLMPP_SHOW_TABLES"))) {
    cat("\nFewest correct digits:\n")
    print(fewest, digits = 3)
  }
})

test_that("fits of families with their own parameter have the digits of a certified solution", {
  skip_on_cran()
  skip_if_not_installed("Rmpfr")
  skip_if_not_installed("MASS")
  digits <- parameter_digits()
  expect_gte(nrow(digits), 12)
  expect_gte(min(digits$coef_glmpp), 13.5)
  expect_gte(min(digits$theta_glmpp, na.rm = TRUE), 12.5)
  expect_true(all(digits$coef_glmpp > pmin(digits$coef_theirs, 14) - 0.5))
  if (nzchar(Sys.getenv("GLMPP_SHOW_TABLES"))) print(digits, digits = 3)
})
