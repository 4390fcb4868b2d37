# Calls of other packages on our fits, beside the fits that they stand for: inst/compat.

compat_file <- function(name) system.file("compat", name, package = "glmpp")

# Those that the tests need anyway: what all others answer is for `make compat`, since it goes by their versions.
asked_in_tests <- c("stats", "MASS", "broom", "car", "emmeans", "lmtest", "sandwich", "statmod", "ggplot2", "tibble")

test_that("what packages answer is what they answer of glm(), nnet and MASS fits", {
  skip_on_cran()
  skip_without("MASS", "nnet")
  libraries <- paste(.libPaths(), collapse = .Platform$path.sep)
  printed <- suppressWarnings(system2(file.path(R.home("bin"), "Rscript"), shQuote(c(compat_file("battery.R"), asked_in_tests)), stdout = TRUE,
                                      stderr = TRUE, env = paste0("R_LIBS=", shQuote(libraries))))
  expect_null(attr(printed, "status"), info = paste(utils::tail(printed, 40), collapse = "\n"))
  expect_match(printed, "^  glmpp\\(\\) ", all = FALSE)
})

test_that("the battery tells what differs, and lets a reason pass only what it is for", {
  battery <- new.env(parent = globalenv())
  for (name in c("calls.R", "fits.R", "compare.R", "expected.R", "battery.R")) sys.source(compat_file(name), battery)
  expect_null(battery$difference(list(a = 1 + 1e-9, b = "x 1.5"), list(a = 1, b = "x 1.50000001")))
  expect_match(battery$difference(1.001, 1), "differ by")
  expect_match(battery$difference("a b", "a c"), "in place of")
  expect_match(battery$difference(list(1, 2), list(1)), "2 parts")
  expect_null(battery$difference("glmpp(formula = y ~ x)", "glm(formula = y ~ x)"))
  table <- data.frame(package = "stats", call = c("summary_print", "coef(fit)", "summary_print"), door = "glmpp()",
                      outcome = c("differs", "differs", "error"))
  expect_identical(nzchar(battery$with_reasons(table)$reason), c(TRUE, FALSE, FALSE))
  expect_equal(nrow(battery$unexplained(battery$with_reasons(table))), 2)
})
