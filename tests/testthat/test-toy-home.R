# A home of its own: data frames that are in memory already, one after the other.

frames <- function(data, rows) {
  parts <- split(data, (seq_len(nrow(data)) - 1) %/% rows)
  structure(list(parts = unname(parts), opened = new.env()), class = c("toy_frames", "glmpp_source"))
}

open_toy_frames <- function(source, columns) {
  done <- 0
  source$opened$count <- c(source$opened$count, 0)
  reader <- length(source$opened$count)
  next_part <- function() {
    if (done == length(source$parts)) return(NULL)
    done <<- done + 1
    structure(source$parts[[done]], label = paste("frame", done))
  }
  list(next_part = next_part, close = function() source$opened$count[reader] <- source$opened$count[reader] + 1)
}
registerS3method("open_reader", "toy_frames", open_toy_frames, asNamespace("glmpp"))

test_properties("a home from outside", home_properties, frames)

test_that("a home from outside is fitted by sgd(), and closed as often as it is opened", {
  source <- frames(home_rows(), 100)
  fit <- glmpp(count ~ x, poisson, source, solver = sgd(epochs = 20))
  expect_equal(coef(fit), coef(glmpp(count ~ x, poisson, home_rows())), tolerance = 0.1)
  expect_equal(unique(source$opened$count), 1)
})

test_that("a home from outside names its parts in errors, and is closed on them", {
  rows <- transform(home_rows(), count = replace(count, 250, -1))
  source <- frames(rows, 100)
  expect_error(glmpp(count ~ z, poisson, source), "In frame 3", class = "glmpp_error_response")
  expect_equal(unique(source$opened$count), 1)
})

test_that("robust covariances and predictions come from a home from outside", {
  rows <- home_rows()
  fit <- glmpp(count ~ x, poisson, frames(rows, 100))
  expect_equal(predict(fit, frames(rows, 150))[1:5], unname(predict(glmpp(count ~ x, poisson, rows), rows)[1:5]), tolerance = 1e-8)
})
