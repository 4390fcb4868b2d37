# Fits that did not reach the maximum say so wherever they are printed.

unfinished <- function(...) suppressWarnings(glmpp(..., solver = gradient_descent(learning_rate = 1e-3, iterations = 3)))

test_that("the summary of a fit that did not converge says so on top, and has no tests", {
  cases <- list(unfinished(am ~ wt, binomial, mtcars), unfinished(Species ~ Sepal.Width, multinomial(), iris),
                suppressWarnings(glmpp(am ~ wt + hp, binomial, mtcars, maxit = 2)))
  for (fit in cases) {
    lines <- utils::capture.output(print(summary(fit)))
    expect_match(lines[nzchar(lines)][1], "^Not converged")
    expect_match(grep("(wt|Sepal.Width)[^~]*[0-9]", lines, value = TRUE)[1], "NA +NA *$")
    expect_false(anyNA(coef(summary(fit))))
  }
  expect_no_match(utils::capture.output(print(summary(glmpp(am ~ wt, binomial, mtcars)))), "Not converged|NA")
})

test_that("print() of a fit tells that it did not converge, and of separation", {
  expect_output(print(unfinished(am ~ wt, binomial, mtcars)), "Not converged: no estimates, but where gradient_descent\\(\\) stood")
  separated <- suppressWarnings(glmpp(c(0, 0, 0, 1, 1, 1) ~ c(1:6), binomial))
  expect_output(print(separated), "No maximum likelihood estimate \\(complete separation\\)")
  expect_no_match(utils::capture.output(print(glmpp(am ~ wt, binomial, mtcars))), "Not converged|No maximum")
})

test_that("a value in a message is short", {
  expect_lt(nchar(value_text(glmpp(am ~ wt, binomial, mtcars))), 60)
  expect_identical(value_text(1:3), "1:3")
  expect_identical(value_text("HC1"), "\"HC1\"")
  expect_lte(nchar(value_text(strrep("a", 1e5))), 60)
  expect_match(value_text(rnorm(1e5)), "1e\\+05|100000 elements")
})
