#include "tracing/span_queue.h"

#include "gtest/gtest.h"

namespace roster::tracing {
namespace {

TEST(SpanQueueTest, WhatFindsNoRoomIsDroppedAndCounted) {
  SpanQueue queue(2);
  EXPECT_TRUE(queue.Enter());
  EXPECT_FALSE(queue.full());
  EXPECT_TRUE(queue.Enter());
  EXPECT_TRUE(queue.full());
  EXPECT_FALSE(queue.Enter());
  EXPECT_EQ(queue.dropped(), 1u);
  queue.Leave(2);
  queue.Deliver(2);
  EXPECT_TRUE(queue.Enter());
  EXPECT_EQ(queue.dropped(), 1u);
  EXPECT_EQ(queue.delivered(), 2u);
}

}  // namespace
}  // namespace roster::tracing
